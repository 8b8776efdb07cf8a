extension Span<UInt8> {
  /// How many bytes come before the first that is no UTF-8; all of them if there is none. Cost: linear, and slow:
  /// for naming a fault that was found already.
  package var validUTF8Length: Int {
    withUnsafeBufferPointer { buffer in
      var decoder = UTF8()
      var bytes = buffer.makeIterator()
      var length = 0
      while case .scalarValue(let scalar) = decoder.decode(&bytes) {
        length += UTF8.width(scalar)
      }
      return length
    }
  }
}
