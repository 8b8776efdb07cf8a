import OfficeSyncProtocol
import OfficeSyncRecords

/// A stream that comes in two pieces gives the frames of the stream that comes in one.
func fuzzFrames(_ bytes: [UInt8]) {
  guard let first = bytes.first else { return }
  let stream = bytes.dropFirst()
  let split = stream.startIndex + Int(first) % (stream.count + 1)
  require(
    frames(in: [stream]) == frames(in: [stream[..<split], stream[split...]]),
    "frames depend on where pieces end")
}

private func frames(in pieces: [ArraySlice<UInt8>]) -> [Frame] {
  var decoder = FrameDecoder(frameBytesMax: 256)
  var frames: [Frame] = []
  do {
    for piece in pieces {
      decoder.append(piece)
      while let frame = try decoder.next() { frames.append(frame) }
    }
  } catch {
    return frames
  }
  return frames
}

/// The first byte is the type. What decodes must come back from its own encoding.
func fuzzMessages(_ bytes: [UInt8]) {
  guard let type = bytes.first,
    let message = try? Message(Frame(type: type, body: Array(bytes.dropFirst())))
  else { return }
  require((try? Message(message.frame)) == message, "a message changed by being encoded")
}

func fuzzRecords(_ bytes: [UInt8]) {
  let plain = PlainRecord(bytes)
  guard let (record, encoded) = try? RecordDecoder.decode(bytes) else {
    require(plain == nil, "bytes that are no record pass for a plain one")
    return
  }
  require(
    plain.map { $0.clock == record.clock && $0.encoded == encoded } ?? true,
    "a plain record says something else than the record")
  require(encoded.bytes == bytes, "the decoder changed a record's bytes")
  require(RecordEncoder.encode(record) == encoded, "a record has two encodings")
  var merged = Record()
  guard (try? merged.merge(record)) != nil else {
    require(false, "a record contradicts the empty one")
    return
  }
  var again = merged
  require((try? again.merge(record)) != nil && again == merged, "merging twice changed something")
}

func fuzzValues(_ bytes: [UInt8]) {
  var reader = ByteReader(bytes)
  guard let content = try? reader.content() else { return }
  var writer = ByteWriter()
  writer.content(content)
  require(
    writer.bytes.elementsEqual(bytes.prefix(bytes.count - reader.remaining)),
    "a value has two encodings")
}
