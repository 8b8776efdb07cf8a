import Foundation
import OfficeSyncTestSupport

/// The command blocks of README.md that a reader is told to type: each stands below a comment `<!-- run: NAME -->`.
struct ReadmeBlocks {
  /// In the order of the page.
  let blocks: [(name: String, commands: [String])]

  init() throws {
    let page = try String(contentsOfFile: RepositoryFiles.path("README.md"), encoding: .utf8)
    var blocks: [(name: String, commands: [String])] = []
    var isMarked = false
    var isInside = false
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("<!-- run: "), line.hasSuffix(" -->") {
        blocks.append((String(line.dropFirst(10).dropLast(4)), []))
        isMarked = true
      } else if isMarked, line == "```sh" {
        isInside = true
      } else if line == "```" {
        isMarked = false
        isInside = false
      } else if isInside {
        blocks[blocks.count - 1].commands.append(String(line))
      }
    }
    self.blocks = blocks
  }

  /// The blocks as one script. The page's ports become free ones: a server (a line that ends in `&`) listens on any, and
  /// `127.0.0.1:7443` elsewhere becomes where the server of that port was found to listen.
  ///
  /// - Parameter programs: the folder of `syncserver` and `syncclient`.
  func script(programs: String) -> String {
    let commands = blocks.flatMap(\.commands).joined(separator: "\n")
      .replacing("\\\n", with: "")
      .split(separator: "\n").map(Self.runnable)
    return (["PATH='\(programs)':\"$PATH\"", Self.prelude] + commands).joined(separator: "\n")
      + "\n"
  }

  private static func runnable(_ command: Substring) -> String {
    let address = #/127\.0\.0\.1:(\d+)/#
    guard command.hasSuffix("&") else {
      return String(command).replacing(address) { "$at_\($0.1)" }
    }
    let port = command.firstMatch(of: address)?.1 ?? "0"
    return "serve \(port) \(command.dropLast().replacing(address, with: "127.0.0.1:0"))"
  }

  /// `serve PORT COMMAND …` starts a server and sets `at_PORT` to where it listens. All are stopped at the end.
  private static let prelude = """
    set -euo pipefail
    servers=()
    trap 'for server in "${servers[@]}"; do kill "$server"; wait "$server"; done' EXIT
    serve() {
      local out="server-$1.out"
      "${@:2}" >"$out" 2>"server-$1.log" </dev/null &
      servers+=($!)
      until grep -q '^listening on ' "$out"; do
        kill -0 "${servers[-1]}" || { cat "server-$1.log"; exit 1; }
        sleep 0.05
      done
      printf -v "at_$1" %s "$(sed -n 's/^listening on //p' "$out")"
    }
    set -x
    """
}
