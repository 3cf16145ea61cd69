import Foundation
import TestKit
import Testing

@Suite("A node behind TLS", .timeLimit(.minutes(30)))
struct NodeTLSTests {
  /// Takes connections of TLS from clients with a certificate, and passes on what they say to the port that it is given.
  private static let proxy = """
    import socket, ssl, sys, threading
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("server.crt", "server.key")
    context.load_verify_locations("ca.crt")
    context.verify_mode = ssl.CERT_REQUIRED
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    def pump(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass
    def serve(connection):
        try:
            client = context.wrap_socket(connection, server_side=True)
        except OSError:
            return
        node = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
        threading.Thread(target=pump, args=(client, node), daemon=True).start()
        pump(node, client)
        client.close()
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
    """

  @Test(
    "--cacert says who vouches for the node, --cert and --cert-key show who asks; without them nothing is read"
  )
  func certificates() async throws {
    let box = try Sandbox()
    try await box.found()
    try await box.must(
      """
      set -e
      subject() { printf 'subjectAltName=%s\\nbasicConstraints=%s\\n' "$1" "$2"; }
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj /CN=authority \
        -keyout ca.key -out ca.crt
      for who in server client; do
        openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=$who -keyout $who.key -out $who.csr
        subject IP:127.0.0.1 CA:FALSE > $who.ext
        openssl x509 -req -in $who.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 36500 -extfile $who.ext -out $who.crt
      done
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj /CN=stranger \
        -keyout stranger.key -out stranger.crt
      """)
    try box.write("proxy.py", NodeTLSTests.proxy)
    let node = try await LocalNode(box)
    let proxy = try box.start("python3", ["proxy.py", String(node.url.split(separator: ":")[2])])
    let url = "https://127.0.0.1:\(try #require(try await proxy.line()))"
    box.environment = ["ZHENG_POLICY": "policy", "ZHENG_KEY": "court.pem"]
    let shown = ["--cert", "client.crt", "--cert-key", "client.key"]
    let trusted = ["--cacert", "ca.crt"] + shown
    try box.write("x", "x")
    let appended = try await box.zheng(["append", url] + trusted + ["x"])
    #expect(appended.status == 0 && appended.lines.count == 1, "\(appended.errors)")
    for words in [["checkpoint", url], ["list", url], ["members", url], ["verify", url]] {
      let outcome = try await box.zheng(words + trusted)
      #expect(outcome.status == 0 && !outcome.text.isEmpty, "\(words): \(outcome.errors)")
    }
    for options in [shown, ["--cacert", "stranger.crt"] + shown] {
      let outcome = try await box.zheng(["list", url] + options)
      #expect(outcome.status == 1 && outcome.text == "", "\(options): \(outcome.text)")
      #expect(outcome.errors.contains("its certificate is not trusted"), "\(options): \(outcome.errors)")
    }
    let strangers = ["--cert", "stranger.crt", "--cert-key", "stranger.key"]
    for options in [[], strangers] {
      let outcome = try await box.zheng(["list", url, "--cacert", "ca.crt"] + options)
      #expect(outcome.status == 74 && outcome.text == "", "\(options): \(outcome.text)\(outcome.errors)")
    }
    for (options, status) in [
      (["--cert", "client.crt"], 64), (["--cacert", "x"] + shown, 66), (["--cacert", "missing"], 66),
    ] {
      #expect(try await box.zheng(["list", url] + options).status == status, "\(options)")
    }
    #expect(try await box.zheng("list", node.url, "--cacert", "ca.crt").status == 64)
    #expect(try await box.zheng("list", "ledger", "--cacert", "ca.crt").status == 64)
    // What waits in `accept` need not hear SIGTERM.
    proxy.send(SIGKILL)
    _ = try await proxy.ended()
    try await node.stop()
  }
}
