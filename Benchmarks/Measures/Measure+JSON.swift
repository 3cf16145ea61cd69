import Workflows

// Measures and the machine, as people and programs read them.

extension Measure {
  /// One object, whatever the command.
  package var json: JSON {
    [
      "measure": .text(id), "name": .text(name), "unit": .text(unit),
      "rounds": .number(UInt64(figure.rounds.count)),
      "figure": .double(figure.median), "figureMin": .double(figure.least), "figureMax": .double(figure.most),
      "yardstick": JSON(yardstick?.name),
      "yardstickFigure": JSON(yardstick?.figure.median), "yardstickMin": JSON(yardstick?.figure.least),
      "yardstickMax": JSON(yardstick?.figure.most), "ratio": JSON(ratio),
      "better": JSON(goal?.better.rawValue), "must": JSON(goal?.must), "aim": JSON(goal?.aim),
      "reached": JSON(reached?.rawValue),
    ]
  }
}

extension Machine {
  /// For people.
  package var text: String {
    Printable.table(
      [
        ("processor", Printable.text("\(processor), \(Machine.coreCount), \(featureText)")),
        ("libcrypto", Printable.text(libraryText)), ("lanes", kernelText),
      ] + faultyKernels.map { ("FAULTY", "the kernel \($0) does not agree with OpenSSL, and is not used") })
  }

  /// Every part.
  package var json: JSON {
    [
      "processor": .text(processor), "cores": .number(UInt64(cores)),
      "features": .array(features.map(JSON.text)), "libcrypto": .text(library),
      "libcryptoSettings": (librarySettings?.text).map(JSON.text) ?? .null,
      "kernels": .array(kernels.map(JSON.text)),
    ]
  }
}
