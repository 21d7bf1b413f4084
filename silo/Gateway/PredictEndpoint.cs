using DeployCard.Grains.Routing;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace DeployCard.Silo.Gateway;

/// <summary>A prediction, in the order in which a request is seen to: route, key, state, pod, forward.</summary>
internal sealed partial class PredictEndpoint(
    RouteTable routes, KeyCheck keys, AcceptEndpoint accept, PodClient client, IHttpForwarder forwarder, ILogger<PredictEndpoint> logger)
{
    private const string AsyncHeader = "X-Async-Request";

    // How long a stream may be silent. The limit of a request ends with its first answer: a long stream is never cut by it.
    private static readonly ForwarderRequestConfig Forwarding = new() { ActivityTimeout = TimeSpan.FromMinutes(10) };

    public async Task Handle(HttpContext context, string deployment)
    {
        RequestId.Ensure(context);
        var gate = await routes.Find(deployment);
        var problem = gate?.Current is { } route ? await Refuse(context, route) : GatewayProblem.NotFound(deployment);
        if (problem is null)
            problem = IsAsync(context.Request, out var wrong) ? await accept.Handle(context, gate!.Current!.Route)
                : wrong ?? await Forward(context, gate!);
        if (problem is not null && !context.RequestAborted.IsCancellationRequested)
            await problem.Write(context);
    }

    private async ValueTask<GatewayProblem?> Refuse(HttpContext context, GateRoute route)
    {
        if (route.Route.State is RouteState.Deleted)
            return GatewayProblem.Deleted(route.Route.Deployment.Value);
        if (await keys.Check(context.Request, route) is { } refused)
            return refused;
        return route.Route.State is RouteState.Stopped ? GatewayProblem.Stopped(route.Route.Deployment.Value) : null;
    }

    private static bool IsAsync(HttpRequest request, out GatewayProblem? wrong)
    {
        wrong = null;
        if (!request.Headers.TryGetValue(AsyncHeader, out var given))
            return false;
        if (!bool.TryParse(given.ToString(), out var isAsync))
            wrong = GatewayProblem.InvalidHeader(AsyncHeader, "true or false", given.ToString());
        return isAsync;
    }

    private async Task<GatewayProblem?> Forward(HttpContext context, DeploymentGate gate)
    {
        var limits = gate.Current!.Route.Limits;
        var (pod, problem, waited) = await gate.Enter(limits.QueueTimeout, isAsync: false, context.RequestAborted);
        if (pod is null)
            return problem;
        try
        {
            return await Forward(context, gate, pod, waited);
        }
        finally
        {
            gate.Release(pod);
        }
    }

    private async Task<GatewayProblem?> Forward(HttpContext context, DeploymentGate gate, PodSlot pod, TimeSpan waited)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        var limit = gate.Current!.Route.Limits.FirstByteTimeout;
        using var late = new CancellationTokenSource(limit);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(late.Token, context.RequestAborted);
        var transformer = new PodTransformer(PodTarget.Of(context, gate.Name.Value), waited, () => late.CancelAfter(Timeout.InfiniteTimeSpan));
        var error = await forwarder.SendAsync(context, pod.Origin, client.Http, Forwarding, transformer, ended.Token);
        if (error is ForwarderError.None || context.RequestAborted.IsCancellationRequested)
            return null;
        LogForwardFailed(logger, context.GetForwarderErrorFeature()?.Exception, gate.Name.Value, pod.Pod.Name.Value, error);
        return late.IsCancellationRequested ? GatewayProblem.RequestTimeout(limit) : GatewayProblem.PodBroke(pod.Pod.Name.Value);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A request to deployment {Deployment} failed at pod {Pod}: {Error}")]
    private static partial void LogForwardFailed(ILogger logger, Exception? exception, string deployment, string pod, ForwarderError error);
}
