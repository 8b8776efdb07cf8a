import Foundation
import OfficeSyncRecords
import OfficeSyncTestSupport
import Testing

/// What holds for every command of both programs.
@Suite struct CommandTests {
  private let folder: TestFolder

  init() throws { folder = try TestFolder() }

  private func run(_ program: String, _ arguments: [String]) throws -> ProgramRun {
    try BuiltPrograms.run(program, arguments, in: folder.path)
  }

  /// The commands that a program's help names, those of groups with their group.
  private func commands(of program: String, below group: [String] = []) throws -> [[String]] {
    let help = try run(program, group + ["--help"])
    #expect(help.status == 0)
    var commands: [[String]] = []
    var isList = false
    for line in help.output.split(separator: "\n") {
      if line.hasSuffix("SUBCOMMANDS:") {
        isList = true
      } else if isList, let name = line.firstMatch(of: #/^  ([a-z-]+)(?: |$)/#)?.1 {
        commands += try self.commands(of: program, below: group + [String(name)])
      } else if !line.hasPrefix("  ") {
        isList = false
      }
    }
    return commands.isEmpty ? [group] : commands
  }

  @Test(arguments: [
    (
      "syncserver",
      [
        "access grant", "access list", "access revoke", "init", "pki init", "pki issue",
        "pki renew-list", "pki revoke", "replicas", "run", "status",
      ]
    ),
    (
      "syncclient",
      [
        "collections", "conflicts", "export", "get", "import", "init", "ls", "pull", "purge",
        "push", "put", "resolve", "rm", "schema set", "schema show", "status", "sync", "unset",
        "verify",
      ]
    ),
  ])
  func eachHasHelpWithAnExample(_ program: String, _ least: [String]) throws {
    let commands = try commands(of: program)
    let names = commands.map { $0.joined(separator: " ") }
    #expect(Set(least).isSubset(of: names), "\(names)")
    for command in commands {
      let help = try run(program, command + ["--help"])
      #expect(help.status == 0)
      #expect(help.errors == "")
      // Long lines are folded, also within the example.
      let text = help.output.replacing(#/\s+/#, with: " ")
      let example = "Example: \(program) \(command.joined(separator: " "))"
      #expect(text.contains(example), "\(command): \(help.output)")
      #expect(text.contains("USAGE: \(program) "))
      // Help is asked for in the other way too.
      #expect(try run(program, ["help"] + command).output == help.output)
    }
  }

  @Test(arguments: ["syncserver", "syncclient"])
  func mistakesAreToldOnStandardError(_ program: String) throws {
    for arguments in [[], ["frobnicate"], ["status", "--frobnicate"], ["status", "too", "many"]] {
      let run = try run(program, arguments)
      #expect(run.status == 64)
      #expect(run.output == "", "\(arguments)")
      #expect(run.errors.hasPrefix("error: "), "\(run.errors)")
      #expect(run.errors.lowercased().contains("usage: \(program)"), "\(run.errors)")
      let document = try self.run(program, arguments + ["--json"])
      #expect(document.status == 64)
      let json = try document.json
      #expect(json["ok"]?.bool == false)
      #expect(json["error"]?["code"]?.int == 64)
      #expect(json["error"]?["name"]?.text == "usage")
      for member in ["message", "remedy"] {
        #expect(json["error"]?[member]?.text?.isEmpty == false)
      }
    }
  }

  @Test(arguments: ["syncserver", "syncclient"])
  func versionAndCompletionsAreForStandardOutput(_ program: String) throws {
    let version = try run(program, ["--version"])
    #expect(version.status == 0)
    #expect(version.output.firstMatch(of: #/^\d+\.\d+\.\d+\n$/#) != nil, "\(version.output)")
    for (shell, sign) in [("bash", "complete -"), ("zsh", "#compdef"), ("fish", "complete -c")] {
      let script = try run(program, ["--generate-completion-script", shell])
      #expect(script.status == 0)
      #expect(script.errors == "")
      #expect(script.output.contains(sign))
      #expect(script.output.contains(program))
    }
    let script = try run(program, ["--generate-completion-script", "bash"]).output
    try folder.write(script, to: "completion.bash")
    #expect(try run("bash", ["-n", "completion.bash"]).status == 0)
    #expect(try run(program, ["--generate-completion-script", "cmd"]).status == 64)
  }

  @Test func quietSaysNothingButErrors() throws {
    let quiet = [
      ["init", "--data", "rabat", "--name", "rabat", "--quiet"],
      ["access", "grant", "--data", "rabat", "field/amina", "projects", "--quiet"],
      ["access", "list", "--data", "rabat", "--quiet"], ["status", "--data", "rabat", "--quiet"],
    ]
    for arguments in quiet {
      let run = try run("syncserver", arguments)
      #expect(run.status == 0)
      #expect(run.output + run.errors == "", "\(arguments)")
    }
    for arguments in [["put", "projects", "A1", "title=One"], ["ls", "projects"], ["status"]] {
      let run = try run("syncclient", arguments + ["--data", "rabat", "--quiet"])
      #expect(run.status == 0)
      #expect(run.output + run.errors == "", "\(arguments)")
    }
    let missing = try run("syncclient", ["get", "projects", "A2", "--data", "rabat", "--quiet"])
    #expect(missing.status == 1)
    #expect(missing.output == "")
    let wrong = try run("syncclient", ["put", "projects", "A1", "x", "--data", "rabat", "--quiet"])
    #expect(wrong.status == 65)
    #expect(wrong.errors.hasPrefix("error: "))
  }

  @Test func whoeverStopsReadingEndsTheProgramQuietly() throws {
    #expect(try run("syncserver", ["init", "--data", "rabat", "--name", "rabat"]).status == 0)
    let rows = (1...20_000).map { "A\($0),Projet de développement numéro \($0)\n" }
    try folder.write("id,title\n" + rows.joined(), to: "rows.csv")
    let imported = try run("syncclient", ["import", "--data", "rabat", "projects", "rows.csv"])
    #expect(imported.status == 0)
    let list = "\(BuiltPrograms.folder)/syncclient ls --data rabat projects --json"
    let pipe = try run("bash", ["-c", "\(list) | head -n 1; echo ${PIPESTATUS[0]}"])
    #expect(pipe.output.split(separator: "\n").last == "141")
    #expect(pipe.errors == "")
  }
}
