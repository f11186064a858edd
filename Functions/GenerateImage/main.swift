import LambdaRuntime
import Mumble

LambdaRuntime.runHTTP {
    let service = GenerateImageService(try Dependencies.fromEnvironment())
    return service.handle
}
