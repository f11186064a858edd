import AWSProtocol
import Store

/// The data folder, for operations of the API: what goes wrong there is told as AWS tells its own trouble.
extension LambdaService {
    /// Runs `body` on the newest state.
    func readState<R>(_ body: (Snapshot) throws -> R) throws(AWSError) -> R {
        do {
            return try state.store.read(body)
        } catch let error as AWSError {
            throw error
        } catch {
            throw LambdaError.service("the data folder cannot be read: \(error)")
        }
    }

    /// Runs `body` as one commit; waits while the state is being exchanged.
    func commit<R: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> R) async throws(AWSError)
        -> R
    {
        guard let state = await asyncEvents.current() else {
            throw LambdaError.service("the emulator is shutting down")
        }
        do {
            return try await state.store.commit(body)
        } catch let error as AWSError {
            throw error
        } catch {
            throw LambdaError.service("the data folder cannot be written: \(error)")
        }
    }
}
