import LambdaRuntime
import Mumble

LambdaRuntime.runHTTP {
    let service = WeatherService(try Dependencies.fromEnvironment())
    return service.handle
}
