import HTTPTypes
import Net

/// Sends a body of several pieces, one after the other; a file is open only while it is being sent.
@EventLoop final class PiecedTransfer {
    private let body: PiecedBody
    private let connection: TCPConnection
    private var done: (@EventLoop () -> Void)?
    private var next = 0
    private var isStepping = false
    private var mayGoOn = false

    /// - Parameter done: called once, when the kernel has all bytes or the connection was closed before.
    init(_ body: PiecedBody, over connection: TCPConnection, done: @escaping @EventLoop () -> Void) {
        self.body = body
        self.connection = connection
        self.done = done
    }

    func step() {
        mayGoOn = true
        // A piece that the kernel takes at once reports so before the call returns: a loop, no recursion.
        guard !isStepping else { return }
        isStepping = true
        while mayGoOn {
            mayGoOn = false
            guard next < body.pieces.count, !connection.isClosed else {
                finish()
                break
            }
            next += 1
            send(body.pieces[next - 1])
        }
        isStepping = false
    }

    private func send(_ piece: PiecedBody.Piece) {
        switch piece {
        case .bytes(let bytes): connection.write(bytes) { self.step() }
        case .file(let path, let offset, let length):
            do throws(BodyReadError) {
                let file = try OpenFile(reading: path)
                connection.sendFile(descriptor: file.descriptor, offset: offset, length: length) {
                    withExtendedLifetime(file) { self.step() }
                }
            } catch {
                // The peer must not take a part for the whole.
                connection.close()
                step()
            }
        }
    }

    private func finish() {
        let done = self.done
        self.done = nil
        done?()
    }
}
