using System.Diagnostics;
using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Routing;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Gateway;

/// <summary>Sends the requests of asynchronous calls through the same gates as the synchronous ones.</summary>
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
    public async Task<PodEntry> Enter(DeploymentName deployment, TimeSpan health, CancellationToken cancellationToken)
    {
        if (await routes.Find(deployment.Value) is not { Current.Route.State: RouteState.Serving } gate)
            return new(null, PodAnswer.NotTried("The deployment takes no requests."));
        var (pod, problem, _, _) = await gate.Enter(health, isAsync: true, cancellationToken);
        return pod is not null ? new(new PodPlace(gate, pod, this), null)
            : problem!.Code is GatewayProblem.NoPodInTimeCode
                ? new(null, PodAnswer.Failed(CallErrorCode.HealthTimeout, NoPod(gate, health)))
            : new(null, PodAnswer.NotTried(problem.Detail));
    }

    /// <summary>One attempt at a pod.</summary>
    public async Task<PodAnswer> Send(
        DeploymentGate gate,
        PodSlot pod,
        CallId id,
        int attempt,
        CallRequest request,
        TimeSpan limit,
        CancellationToken cancellationToken
    )
    {
        var started = Stopwatch.GetTimestamp();
        var answer = await Try(gate, pod, id, attempt, request, limit, cancellationToken);
        gate.Traffic.Attempted(hasFailed: answer.Result is null, Stopwatch.GetElapsedTime(started));
        return answer;
    }

    private async Task<PodAnswer> Try(
        DeploymentGate gate,
        PodSlot pod,
        CallId id,
        int attempt,
        CallRequest request,
        TimeSpan limit,
        CancellationToken cancellationToken
    )
    {
        using var late = new CancellationTokenSource(limit, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            using var message = await Message(pod, id, request, ended.Token);
            using var response = await client.Http.SendAsync(message, ended.Token);
            return await Answer(id, attempt, response, ended.Token);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return PodAnswer.Failed(CallErrorCode.RequestTimeout, $"no answer within {limit.TotalSeconds:0.#} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException || PodFailure.IsUnreached(e))
        {
            if (PodFailure.IsAway(e))
                prober.Watch(gate, pod);
            return PodAnswer.Failed(CallErrorCode.PodFailed, e.Message.TrimEnd('.'));
        }
    }

    private async Task<PodAnswer> Answer(CallId id, int attempt, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (PodAnswer.IsRepeated(status))
            return PodAnswer.Refused(status, await Excerpt.Read(content, cancellationToken), RetryAfter(response));
        var (body, isTooLarge) = await reader.Read(
            id,
            BodyPart.Result(attempt),
            content,
            response.Content.Headers.ContentLength,
            options.Value.MaxResultBytes,
            cancellationToken
        );
        return isTooLarge
            ? PodAnswer.Failed(CallErrorCode.ResultTooLarge, $"the answer has more than {options.Value.MaxResultBytes} bytes", status)
            : PodAnswer.Answered(new(status, Headers(response), body is null ? null : body with { Attempt = attempt }));
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) =>
        response.Headers.RetryAfter is not { } asked ? null : asked.Delta ?? (asked.Date is { } date ? date - time.GetUtcNow() : null);

    private static string NoPod(DeploymentGate gate, TimeSpan health)
    {
        var waited = $"no pod was ready within {health.TotalSeconds:0.#} s";
        return gate.Current?.Route.Failure is not { } failure ? waited
            : failure.LastLines.Count == 0 ? $"{waited}: {failure.Message.TrimEnd('.')}"
            : $"{waited}: {failure.Message} Its last line: {failure.LastLines[^1]}";
    }

    private async Task<HttpRequestMessage> Message(PodSlot pod, CallId id, CallRequest request, CancellationToken cancellationToken)
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
                    await bodies.Open(id, BodyPart.Request, cancellationToken) ?? throw new IOException("the body of the request is gone")
                );
            message.Content.Headers.ContentLength = body.Length;
        }

        foreach (var header in request.Headers)
        {
            // What describes a body is there even where the body is empty.
            if (!message.Headers.TryAddWithoutValidation(header.Name, header.Value))
                (message.Content ??= new ByteArrayContent([])).Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        TraceContext.Renew(message);
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
