import Desk

/// One look after the other at the status of the same nodes, for as long as somebody wants: a token that has ended is
/// replaced by what its file says then, or signed anew.
struct StatusLook {
  private let target: ClusterTarget
  private let options: TargetOptions
  private var http: NodeHTTP

  init(_ target: ClusterTarget, _ options: TargetOptions) {
    (self.target, self.options) = (target, options)
    http = NodeHTTP(token: target.token, authorities: target.authorities)
  }

  mutating func look() async -> ClusterView {
    let view = await ClusterView.ask(target.urls, http: http)
    guard view.first == nil, view.isRefused, let token = await freshToken(), token != http.token else {
      return view
    }
    http.token = token
    return await ClusterView.ask(target.urls, http: http)
  }

  /// An open status needs no token, and a secret that lies about may be that of another cluster: it is tried where nothing is
  /// said without one, and at home alone.
  private func freshToken() async -> String? {
    if let told = (try? options.target())?.token { return told }
    guard
      options.secret.isGiven || target.urls.allSatisfy(NodeAddresses.isHere) && DevelopmentSecret.path() != nil
    else { return nil }
    let maker = TokenMaker(role: .admin, subject: "cluster-status", seconds: 3600)
    return try? await maker.token(with: options.secret.signer())
  }
}
