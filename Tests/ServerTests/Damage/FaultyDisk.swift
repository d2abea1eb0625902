import Foundation

/// Lets calls of one node to the disk fail, on files whose path has some words in it, for as long as a test wants. A small library is
/// put before that of the system (`LD_PRELOAD`); it is compiled by the C compiler of the machine, and says what has
/// happened to these files in what order.
struct FaultyDisk {
  enum Call: String {
    case sync, write, read
  }

  private let directory: String
  private var library: String { directory + "/faults.so" }
  private var control: String { directory + "/faults" }
  private var trace: String { directory + "/calls" }

  static let compiler = ["/usr/bin/cc", "/usr/bin/clang", "/usr/bin/gcc"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  init() throws {
    directory = NSTemporaryDirectory() + "switchboard-faults-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let source = directory + "/faults.c"
    try Self.source.write(toFile: source, atomically: true, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.compiler ?? "")
    process.arguments = ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw TestFailure("faults.c does not compile") }
  }

  func remove() { try? FileManager.default.removeItem(atPath: directory) }

  var environment: [String: String] {
    ["LD_PRELOAD": library, "DISK_FAULTS": control, "DISK_CALLS": trace]
  }

  /// From now on they fail.
  /// - Parameter part: of the path of the file.
  func fail(_ call: Call, _ part: String, with code: Int32) throws {
    try "\(call.rawValue) \(code) \(part)".write(toFile: control, atomically: true, encoding: .utf8)
  }

  /// All goes well again.
  func heal() throws { try? FileManager.default.removeItem(atPath: control) }

  /// What was called on files that were ever to fail, in order: the call, whether it has failed, the path.
  func calls() throws -> [(call: Call, hasFailed: Bool, path: String)] {
    let text = (try? String(contentsOfFile: trace, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").compactMap { line in
      let parts = line.split(separator: " ", maxSplits: 2).map(String.init)
      guard parts.count == 3, let call = Call(rawValue: parts[0]) else { return nil }
      return (call, parts[1] == "failed", parts[2])
    }
  }

  private static let source = #"""
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <errno.h>
    #include <fcntl.h>
    #include <limits.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/syscall.h>
    #include <sys/uio.h>
    #include <unistd.h>

    static void note(const char *call, int failed, const char *path) {
      const char *file = getenv("DISK_CALLS");
      char line[PATH_MAX + 32];
      if (!file) return;
      int length = snprintf(line, sizeof line, "%s %s %s\n", call, failed ? "failed" : "done", path);
      int out = syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
      if (out < 0) return;
      syscall(SYS_write, out, line, (size_t)length);
      syscall(SYS_close, out);
    }

    /* The error that the call is to fail with; 0: none. */
    static int fault(const char *call, int fd) {
      int kept = errno, code = 0;
      char link[64], path[PATH_MAX], words[PATH_MAX], wanted[16], part[PATH_MAX];
      const char *file = getenv("DISK_FAULTS");
      snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
      ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
      if (!file || length <= 0) { errno = kept; return 0; }
      path[length] = 0;
      int control = syscall(SYS_openat, AT_FDCWD, file, O_RDONLY | O_CLOEXEC);
      if (control >= 0) {
        ssize_t size = syscall(SYS_read, control, words, sizeof words - 1);
        syscall(SYS_close, control);
        if (size > 0) {
          words[size] = 0;
          int found = 0;
          if (sscanf(words, "%15s %d %4000s", wanted, &found, part) == 3 && strstr(path, part)
              && !strcmp(wanted, call))
            code = found;
        }
      }
      if (strstr(path, "/archive/") && strcmp(call, "read")) note(call, code != 0, path);
      errno = kept;
      return code;
    }

    #define REAL(type, name, ...) \
      static type (*real)(__VA_ARGS__); \
      if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)
    #define FAIL(call, fd) int code = fault(call, fd); if (code) { errno = code; return -1; }

    int fsync(int fd) { REAL(int, "fsync", int); FAIL("sync", fd) return real(fd); }
    int fdatasync(int fd) { REAL(int, "fdatasync", int); FAIL("sync", fd) return real(fd); }
    ssize_t write(int fd, const void *bytes, size_t size) {
      REAL(ssize_t, "write", int, const void *, size_t); FAIL("write", fd) return real(fd, bytes, size);
    }
    ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at) {
      REAL(ssize_t, "pwrite", int, const void *, size_t, off_t); FAIL("write", fd) return real(fd, bytes, size, at);
    }
    ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at) {
      REAL(ssize_t, "pwrite64", int, const void *, size_t, off64_t); FAIL("write", fd) return real(fd, bytes, size, at);
    }
    ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
      REAL(ssize_t, "pwritev", int, const struct iovec *, int, off_t); FAIL("write", fd) return real(fd, parts, count, at);
    }
    ssize_t read(int fd, void *bytes, size_t size) {
      REAL(ssize_t, "read", int, void *, size_t); FAIL("read", fd) return real(fd, bytes, size);
    }
    ssize_t pread(int fd, void *bytes, size_t size, off_t at) {
      REAL(ssize_t, "pread", int, void *, size_t, off_t); FAIL("read", fd) return real(fd, bytes, size, at);
    }
    ssize_t pread64(int fd, void *bytes, size_t size, off64_t at) {
      REAL(ssize_t, "pread64", int, void *, size_t, off64_t); FAIL("read", fd) return real(fd, bytes, size, at);
    }
    """#
}
