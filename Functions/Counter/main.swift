import LambdaRuntime
import Mumble

LambdaRuntime.runHTTP {
    let service = CounterService(try Dependencies.fromEnvironment())
    return service.handle
}
