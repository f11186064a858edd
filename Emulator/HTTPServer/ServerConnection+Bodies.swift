import HTTPTypes
import Net

/// Where a request's body goes when it does not stay in memory.
extension ServerConnection {
    // MARK: - Bodies in files

    func openSpool(_ bytes: [UInt8]) {
        do throws(SystemError) {
            let spool = try SpoolWriter(directory: server.options.spoolDirectory ?? "/tmp")
            spool.onRoom = { [connection] in connection.resumeReading() }
            self.spool = spool
        } catch {
            return perform(state.spoolFailed("the body cannot be stored (\(error))"))
        }
        bytes.withUnsafeBytes { store($0) }
    }

    func store(_ bytes: UnsafeRawBufferPointer) {
        if let spool, !spool.append(bytes) { connection.pauseReading() }
    }

    func finishSpool() {
        guard let spool else { return }
        spool.onRoom = nil
        spool.finish { result in
            self.spool = nil
            self.connection.resumeReading()
            switch result {
            case .success(let body):
                self.spooled = body
                self.perform(self.state.spoolFinished())
            case .failure(let error):
                self.perform(self.state.spoolFailed("the body cannot be stored (\(error))"))
            }
            self.flush()
        }
    }

    // MARK: - Bodies that pass through

    func handleStream(_ head: HTTPRequestHead) {
        let body = BodyStream()
        body.onRoom = { [connection] in connection.resumeReading() }
        incoming = body
        run(request(head, .stream(body)))
    }

    func pass(_ bytes: UnsafeRawBufferPointer) {
        if let incoming, !incoming.offer(Array(bytes)) { connection.pauseReading() }
    }

    func finishIncoming(_ trailers: HTTPHeaders) {
        guard let body = incoming else { return }
        incoming = nil
        // What comes now are further requests, and those wait in the kernel.
        body.onRoom = nil
        body.finish(trailers: trailers)
        resumeReadingUnlessFull()
    }

    func breakIncoming(_ reason: String) {
        guard let body = incoming else { return }
        incoming = nil
        body.onRoom = nil
        body.fail(reason)
        resumeReadingUnlessFull()
    }
}
