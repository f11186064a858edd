import LambdaRuntime
import Mumble

LambdaRuntime.runHTTP {
    let service = HealthService(try Dependencies.fromEnvironment())
    return service.handle
}
