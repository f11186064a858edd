/// A decoded picture: RGBA, 8 bits a channel, alpha not premultiplied, rows top to bottom.
struct Pixels: Equatable {
    let width: Int
    let height: Int
    var rgba: [UInt8]

    /// Scaled down so that the longer side has at most `side` pixels; unchanged if it already fits.
    func fitted(into side: Int) -> Pixels {
        let longer = max(width, height)
        guard longer > side else { return self }
        return boxFiltered(
            width: max(1, (width * side + longer / 2) / longer),
            height: max(1, (height * side + longer / 2) / longer))
    }

    /// Each target pixel is the mean of the source pixels its box covers. Colours are weighted by
    /// alpha: transparent pixels have a colour too, and it must not bleed into their neighbours.
    private func boxFiltered(width targetWidth: Int, height targetHeight: Int) -> Pixels {
        var target = [UInt8](repeating: 0, count: targetWidth * targetHeight * 4)
        for row in 0..<targetHeight {
            let rows = row * height / targetHeight..<(row + 1) * height / targetHeight
            for column in 0..<targetWidth {
                let columns = column * width / targetWidth..<(column + 1) * width / targetWidth
                let mean = mean(rows: rows, columns: columns)
                let offset = (row * targetWidth + column) * 4
                target[offset] = mean.red
                target[offset + 1] = mean.green
                target[offset + 2] = mean.blue
                target[offset + 3] = mean.alpha
            }
        }
        return Pixels(width: targetWidth, height: targetHeight, rgba: target)
    }

    private func mean(
        rows: Range<Int>, columns: Range<Int>
    ) -> (red: UInt8, green: UInt8, blue: UInt8, alpha: UInt8) {
        // 4096 x 4096 x 255 x 255 stays far below the range of Int.
        var red = 0
        var green = 0
        var blue = 0
        var alpha = 0
        for row in rows {
            var offset = (row * width + columns.lowerBound) * 4
            for _ in columns {
                let weight = Int(rgba[offset + 3])
                red += Int(rgba[offset]) * weight
                green += Int(rgba[offset + 1]) * weight
                blue += Int(rgba[offset + 2]) * weight
                alpha += weight
                offset += 4
            }
        }
        guard alpha > 0 else { return (0, 0, 0, 0) }
        let count = rows.count * columns.count
        let half = alpha / 2
        return (
            UInt8((red + half) / alpha), UInt8((green + half) / alpha), UInt8((blue + half) / alpha),
            UInt8((alpha + count / 2) / count)
        )
    }
}
