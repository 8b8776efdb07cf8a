import Testing

/// The reader that the other tests rely on.
@Test(arguments: [
  ("a // b! c", "a"),
  ("a /* b /* c */ d */ e", "a                   e"),
  (#"f("try!") + 1"#, "f(      ) + 1"),
  (#"f("\"x") // y"#, "f(     )"),
  (##"f(#"a"b"#) c"##, "f(       ) c"),
  (#"f("") g"#, "f(  ) g"),
  ("f(\"\"\"\n  // no \"comment\"\n  \"\"\") g", "f(\n\n     ) g"),
  ("#if os(Linux)", "#if os(Linux)"),
])
func commentsAndTextsAreBlanked(source: String, expected: String) {
  let lines = SwiftCode.blanked(Array(source.utf8))
    .split(separator: "\n", omittingEmptySubsequences: false)
  let trimmed = lines.map { line in
    String(line.reversed().drop { $0 == " " }.reversed())
  }
  #expect(trimmed.joined(separator: "\n") == expected)
}
