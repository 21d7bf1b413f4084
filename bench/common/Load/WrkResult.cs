namespace DeployCard.Bench.Common.Load;

/// <summary>Result of one run of wrk, as <c>predict.lua</c> prints it.</summary>
/// <param name="Requests">Number of completed requests.</param>
/// <param name="Microseconds">Duration of the run, in µs.</param>
/// <param name="P50">Median latency, in µs.</param>
/// <param name="P99">99th percentile of the latency, in µs.</param>
/// <param name="StatusErrors">Number of responses with a status of 400 or higher.</param>
/// <param name="SocketErrors">Number of connect, read and write errors.</param>
/// <param name="Timeouts">Number of requests without a response within 10 s.</param>
internal sealed record WrkResult(long Requests, long Microseconds, long P50, long P99, long StatusErrors, long SocketErrors, long Timeouts)
{
    public double RequestsPerSecond => Requests * 1e6 / Microseconds;

    public long Errors => StatusErrors + SocketErrors + Timeouts;

    public override string ToString() =>
        $"{RequestsPerSecond:N0} requests/s, p50 {P50} µs, p99 {P99} µs"
        + (Errors == 0 ? "" : $"  ERRORS: {StatusErrors} error statuses, {SocketErrors} socket errors, {Timeouts} timeouts");
}
