import LambdaRuntime
import Mumble

LambdaRuntime.runHTTP {
    let service = try GalleryService(Dependencies.fromEnvironment())
    return service.handle
}
