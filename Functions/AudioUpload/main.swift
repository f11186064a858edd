import LambdaRuntime
import Mumble

LambdaRuntime.runHTTP {
    let service = AudioUploadService(try Dependencies.fromEnvironment())
    return service.handle
}
