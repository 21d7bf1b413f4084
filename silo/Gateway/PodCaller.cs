using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Routing;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Gateway;

/// <summary>Sends the requests of asynchronous calls through the same gates as the synchronous ones.</summary>
internal sealed class PodCaller(
    RouteTable routes, PodClient client, PodProber prober, BodyReader reader, IBodyStore bodies, IOptions<AsyncCallOptions> options, TimeProvider time) : IPodCaller
{
    public async Task<PodAnswer> Call(DeploymentName deployment, CallId id, CallRequest request, CallLimits limits, CancellationToken cancellationToken)
    {
        if (await routes.Find(deployment.Value) is not { Current.Route.State: RouteState.Serving } gate)
            return PodAnswer.NotTried("The deployment takes no requests.");
        var (pod, problem, _, _) = await gate.Enter(limits.Health, isAsync: true, cancellationToken);
        if (pod is null)
            return problem!.Code is "NO_POD_IN_TIME" ? PodAnswer.Failed(CallErrorCode.HealthTimeout, problem.Detail) : PodAnswer.NotTried(problem.Detail);
        try
        {
            return await Send(gate, pod, id, request, limits.Request, cancellationToken);
        }
        finally
        {
            gate.Release(pod);
        }
    }

    private async Task<PodAnswer> Send(DeploymentGate gate, PodSlot pod, CallId id, CallRequest request, TimeSpan limit, CancellationToken cancellationToken)
    {
        var name = pod.Pod.Name.Value;
        using var late = new CancellationTokenSource(limit, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            using var message = await Message(pod, id, request, ended.Token);
            using var response = await client.Http.SendAsync(message, ended.Token);
            await using var content = await response.Content.ReadAsStreamAsync(ended.Token);
            var (body, isTooLarge) = await reader.Read(id, BodyPart.Result, content, options.Value.MostResultBytes, ended.Token);
            return isTooLarge
                ? PodAnswer.Failed(CallErrorCode.ResultTooLarge, $"The answer has more than {options.Value.MostResultBytes} bytes", name)
                : PodAnswer.Answered(name, new((int)response.StatusCode, Headers(response), body));
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return PodAnswer.Failed(CallErrorCode.RequestTimeout, $"no answer within {limit.TotalSeconds:0.#} s", name);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || PodFailure.IsUnreached(e))
        {
            if (PodFailure.IsUnreached(e))
                prober.Watch(gate, pod);
            return PodAnswer.Failed(CallErrorCode.PodFailed, e.Message, name);
        }
    }

    private async Task<HttpRequestMessage> Message(PodSlot pod, CallId id, CallRequest request, CancellationToken cancellationToken)
    {
        var target = new Uri(pod.Origin + request.Path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var message = new HttpRequestMessage(HttpMethod.Parse(request.Method), target) { Version = pod.Version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        if (request.Body is { } body)
        {
            message.Content = body.Inline is { } inline
                ? new ByteArrayContent(inline)
                : new StreamContent(await bodies.Open(id, BodyPart.Request, cancellationToken) ?? throw new IOException("the body of the request is gone"));
            message.Content.Headers.ContentLength = body.Length;
        }

        foreach (var header in request.Headers)
        {
            // What describes a body is there even where the body is empty.
            if (!message.Headers.TryAddWithoutValidation(header.Name, header.Value))
                (message.Content ??= new ByteArrayContent([])).Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        return message;
    }

    private static List<CallHeader> Headers(HttpResponseMessage response) =>
    [
        .. response.Headers.Concat(response.Content.Headers)
            .Where(h => !IsOfConnection(h.Key))
            .SelectMany(h => h.Value.Select(v => new CallHeader(h.Key, v))),
    ];

    private static bool IsOfConnection(string name) =>
        name.Equals("Connection", StringComparison.OrdinalIgnoreCase) || name.Equals("Keep-Alive", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase) || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase);
}
