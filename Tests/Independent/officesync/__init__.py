"""A second implementation of the OfficeSync protocol, written from docs/PROTOCOL.md alone."""
