import Measures

/// Measures as they are printed.
enum MeasureOutput {
  /// A table with a line for each of `measures`.
  static func table(_ measures: [Measure]) -> String {
    var table = TextTable(MeasureTable.head)
    for measure in measures { table.add(MeasureTable.cells(measure)) }
    return table.text
  }

  /// Says so where figures say nothing.
  static func warnUnlessOptimised() {
    if !Build.isOptimised {
      Diagnostics.note("this is a debug build: its figures say nothing; use swift build -c release")
    }
  }
}

extension Measure {
  /// One object, whatever the command.
  var json: JSON {
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
  var text: String {
    Printable.table(
      [
        ("processor", Printable.text("\(processor), \(Machine.coreCount), \(featureText)")),
        ("libcrypto", Printable.text(libraryText)), ("lanes", kernelText),
      ] + faultyKernels.map { ("FAULTY", "the kernel \($0) does not agree with OpenSSL, and is not used") })
  }

  var json: JSON {
    [
      "processor": .text(processor), "cores": .number(UInt64(cores)),
      "features": .array(features.map(JSON.text)), "libcrypto": .text(library),
      "libcryptoSettings": (librarySettings?.text).map(JSON.text) ?? .null,
      "kernels": .array(kernels.map(JSON.text)),
    ]
  }
}
