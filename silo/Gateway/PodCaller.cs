using System.Diagnostics;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Routing;
using DeployCard.Gateway.Problems;
using Microsoft.Extensions.Options;

namespace DeployCard.Gateway;

/// <summary>
/// Sends the requests of asynchronous calls to pods. They pass through the same <see cref="DeploymentGate"/> as synchronous requests.
/// </summary>
internal sealed class PodCaller(
    RouteTable routes,
    PodClient client,
    PodProber prober,
    BodyReader reader,
    IBodyStore bodies,
    IOptions<AsyncCallOptions> options,
    TimeProvider time
) : IPodCaller
{
    public async Task<PodLeaseResult> Acquire(DeploymentName deployment, TimeSpan health, CancellationToken cancellationToken)
    {
        if (await routes.Find(deployment.Value) is not { Current.Route.State: RouteState.Serving } gate)
            return new(null, AttemptOutcome.NotAttempted("The deployment accepts no requests."));
        var (pod, problem, _, _) = await gate.Acquire(health, isAsync: true, cancellationToken);
        return pod is not null ? new(new PodLease(gate, pod, this), null)
            : problem!.Error == GatewayErrorCode.PodWaitTimeout
                ? new(null, AttemptOutcome.Failed(CallErrorCode.HealthTimeout, DescribeHealthTimeout(gate, health)))
            : new(null, AttemptOutcome.NotAttempted(problem.Detail));
    }

    /// <summary>Sends the request of one attempt to a pod and records the attempt in the deployment's traffic counters.</summary>
    /// <param name="gate">Gate of the deployment.</param>
    /// <param name="pod">Pod at which the caller holds a slot.</param>
    /// <param name="id">Id of the call.</param>
    /// <param name="attempt">Number of the attempt, stored with the result.</param>
    /// <param name="request">Request to send to the pod.</param>
    /// <param name="limit">Maximum time until the result is stored.</param>
    /// <param name="cancellationToken">Token that cancels the attempt.</param>
    public async Task<AttemptOutcome> Send(
        DeploymentGate gate,
        PodDestination pod,
        CallId id,
        int attempt,
        CallRequest request,
        TimeSpan limit,
        CancellationToken cancellationToken
    )
    {
        var started = Stopwatch.GetTimestamp();
        var result = await SendOnce(gate, pod, id, attempt, request, limit, cancellationToken);
        gate.Traffic.RecordAsyncAttempt(hasFailed: result.Result is null, Stopwatch.GetElapsedTime(started));
        return result;
    }

    private async Task<AttemptOutcome> SendOnce(
        DeploymentGate gate,
        PodDestination pod,
        CallId id,
        int attempt,
        CallRequest request,
        TimeSpan limit,
        CancellationToken cancellationToken
    )
    {
        using var timeout = new CancellationTokenSource(limit, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var message = await CreateMessage(pod, id, request, ended.Token);
            using var response = await client.Http.SendAsync(message, ended.Token);
            return await ReadResponse(id, attempt, response, ended.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return AttemptOutcome.Failed(CallErrorCode.RequestTimeout, $"no complete response within {limit.TotalSeconds:0.#} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException || PodFailure.IsConnectFailure(e))
        {
            if (PodFailure.IsPodUnreachable(e))
                prober.Eject(gate, pod);
            return AttemptOutcome.Failed(CallErrorCode.PodFailed, e.Message.TrimEnd('.'));
        }
    }

    private async Task<AttemptOutcome> ReadResponse(
        CallId id,
        int attempt,
        HttpResponseMessage response,
        CancellationToken cancellationToken
    )
    {
        var status = (int)response.StatusCode;
        await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (AttemptOutcome.IsRetryable(status))
            return AttemptOutcome.FromRetryableResponse(status, await Excerpt.Read(content, cancellationToken), RetryAfter(response));
        var (body, isTooLarge) = await reader.Read(
            id,
            BodyPart.Result(attempt),
            content,
            response.Content.Headers.ContentLength,
            options.Value.MaxResultBytes,
            cancellationToken
        );
        return isTooLarge
            ? AttemptOutcome.Failed(
                CallErrorCode.ResultTooLarge,
                $"the response has more than {options.Value.MaxResultBytes} bytes",
                status
            )
            : AttemptOutcome.FromResponse(new(status, Headers(response), body is null ? null : body with { Attempt = attempt }));
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) =>
        response.Headers.RetryAfter is not { } asked ? null : asked.Delta ?? (asked.Date is { } date ? date - time.GetUtcNow() : null);

    private static string DescribeHealthTimeout(DeploymentGate gate, TimeSpan health)
    {
        var waited = $"no pod was ready within {health.TotalSeconds:0.#} s";
        return gate.Current?.Route.Failure is not { } failure ? waited
            : failure.LastLines.Count == 0 ? $"{waited}: {failure.Message.TrimEnd('.')}"
            : $"{waited}: {failure.Message} Last log line: {failure.LastLines[^1]}";
    }

    private async Task<HttpRequestMessage> CreateMessage(
        PodDestination pod,
        CallId id,
        CallRequest request,
        CancellationToken cancellationToken
    )
    {
        var target = new Uri(pod.Origin + request.Path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var message = new HttpRequestMessage(HttpMethod.Parse(request.Method), target)
        {
            Version = pod.Version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (request.Body is { } body)
        {
            message.Content = body.Inline is { } inline
                ? new ByteArrayContent(inline)
                : new StreamContent(
                    await bodies.Open(id, BodyPart.Request, cancellationToken)
                        ?? throw new IOException("the stored body of the request no longer exists")
                );
            message.Content.Headers.ContentLength = body.Length;
        }

        foreach (var header in request.Headers)
        {
            // A content header such as Content-Type needs a content object, even if the body is empty.
            if (!message.Headers.TryAddWithoutValidation(header.Name, header.Value))
                (message.Content ??= new ByteArrayContent([])).Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        TraceContext.TrySetParent(message);
        return message;
    }

    private static List<CallHeader> Headers(HttpResponseMessage response) =>
        [
            .. response
                .Headers.Concat(response.Content.Headers)
                .Where(h => !IsOfConnection(h.Key))
                .SelectMany(h => h.Value.Select(v => new CallHeader(h.Key, v))),
        ];

    private static bool IsOfConnection(string name) =>
        name.Equals("Connection", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Keep-Alive", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase);
}
