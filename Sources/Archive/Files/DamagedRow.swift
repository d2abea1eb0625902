import GRDB

/// A row has something in it that is never written there. `Connection` says of which file.
struct DamagedRow: Error {}

extension Row {
  /// GRDB's own way of reading a column ends the program where the value is of another type, as in a damaged page it may be.
  func read<Value: DatabaseValueConvertible>(_ place: Int, as type: Value.Type = Value.self) throws -> Value {
    guard place < count, let value = Value.fromDatabaseValue(self[place] as DatabaseValue) else {
      throw DamagedRow()
    }
    return value
  }
}
