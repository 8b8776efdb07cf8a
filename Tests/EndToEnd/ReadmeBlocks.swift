import Foundation
import OfficeSyncTestSupport

/// The command blocks of README.md that a reader is told to type: each stands below a comment `<!-- run: NAME -->`.
struct ReadmeBlocks {
  /// In the order of the page; each command whole, on one line.
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
    self.blocks = blocks.map { name, lines in
      let commands = lines.joined(separator: "\n").replacing(#/\\\n\s*/#, with: "")
      return (name, commands.split(separator: "\n").map(String.init))
    }
  }

  var commands: [String] { blocks.flatMap(\.commands) }

  /// Where the script keeps what a command said on standard error; commands are counted from 0.
  static func errorFile(_ index: Int) -> String { "\(index).err" }

  /// The blocks as one script. The page's ports become free ones: a server (a line that ends in `&`) listens on any, and
  /// `127.0.0.1:7443` elsewhere becomes where the server of that port was found to listen.
  ///
  /// - Parameter programs: the folder of `syncserver` and `syncclient`.
  func script(programs: String) -> String {
    let commands = commands.enumerated().map(Self.runnable)
    return (["PATH='\(programs)':\"$PATH\"", Self.prelude] + commands).joined(separator: "\n")
      + "\n"
  }

  private static func runnable(_ index: Int, _ command: String) -> String {
    let address = #/127\.0\.0\.1:(\d+)/#
    let errors = errorFile(index)
    guard command.hasSuffix("&") else {
      return "typed \(errors) " + command.replacing(address) { "$at_\($0.1)" }
    }
    let port = command.firstMatch(of: address)?.1 ?? "0"
    return "serve \(errors) \(port) \(command.dropLast().replacing(address, with: "127.0.0.1:0"))"
  }

  /// `typed ERRORS COMMAND …` runs a command; `serve ERRORS PORT COMMAND …` starts a server and sets `at_PORT` to where it
  /// listens. All are stopped at the end.
  private static let prelude = """
    set -euo pipefail
    servers=()
    trap 'for server in "${servers[@]}"; do kill "$server"; wait "$server"; done' EXIT
    typed() { "${@:2}" 2>"$1" || { cat "$1" >&2; exit 1; }; }
    serve() {
      local out="server-$2.out"
      "${@:3}" >"$out" 2>"$1" </dev/null &
      servers+=($!)
      until grep -q '^listening on ' "$out"; do
        kill -0 "${servers[-1]}" || { cat "$1" >&2; exit 1; }
        sleep 0.05
      done
      printf -v "at_$2" %s "$(sed -n 's/^listening on //p' "$out")"
    }
    set -x
    """
}
