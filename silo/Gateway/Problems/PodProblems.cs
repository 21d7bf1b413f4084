namespace DeployCard.Gateway.Problems;

/// <summary>Problems of requests that get no pod, or no complete response from their pod.</summary>
internal static class PodProblems
{
    private const string UseAsync = "For longer predictions, use an asynchronous call: add the header 'X-Async-Request: true'.";

    public static GatewayProblem QueueFull(int length) =>
        new(
            GatewayErrorCode.QueueFull,
            "Request queue is full",
            $"The number of requests that wait for a pod has reached its limit; waiting: {length}. {GatewayProblem.RetryAdvice}",
            TimeSpan.FromSeconds(5)
        );

    public static GatewayProblem WaitTimeout(TimeSpan waited) =>
        new(
            GatewayErrorCode.PodWaitTimeout,
            "No pod available in time",
            $"No ready pod had a free slot within {waited.TotalSeconds:0.#} s. {GatewayProblem.RetryAdvice}",
            TimeSpan.FromSeconds(10)
        );

    public static GatewayProblem Failed(string reason, string? lastLine, TimeSpan retryAfter) =>
        new(GatewayErrorCode.PodFailed, "Pods cannot start", lastLine is null ? reason : $"{reason} Last log line: {lastLine}", retryAfter);

    public static GatewayProblem ConnectionFailed(string pod) =>
        new(
            GatewayErrorCode.PodConnectionFailed,
            "Pod connection failed",
            $"Pod '{pod}' could not be reached, or its connection closed before the response was complete."
        );

    public static GatewayProblem FirstByteTimeout(TimeSpan limit) =>
        new(
            GatewayErrorCode.FirstByteTimeout,
            "Pod did not respond in time",
            $"The pod sent no response within {limit.TotalSeconds:0.#} s. {UseAsync}"
        );

    public static GatewayProblem RequestTimeout(TimeSpan limit) =>
        new(
            GatewayErrorCode.RequestTimeout,
            "Request timed out",
            $"The response was not complete within {limit.TotalSeconds:0.#} s. {UseAsync}"
        );
}
