using DeployCard.Grains.Routing;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.ObjectPool;
using Yarp.ReverseProxy.Forwarder;

namespace DeployCard.Silo.Gateway;

/// <summary>Takes a request to a pod and the pod's answer back, and to another pod where the first one cannot be reached.</summary>
internal sealed partial class PodForwarder(
    PodClient client, IHttpForwarder forwarder, ForwardedHeaders forwarded, PodProber prober, GatewayMetrics metrics, TimeProvider time, ILogger<PodForwarder> logger)
{
    /// <summary>As many as requests are usually under way: beyond that each makes one of its own.</summary>
    private const int Kept = 4096;

    private readonly ObjectPool<PodTransformer> transformers = new DefaultObjectPool<PodTransformer>(new TransformerPolicy(time), Kept);

    public async Task Forward(HttpContext context, DeploymentGate gate, GateRoute route)
    {
        var started = metrics.Begin();
        var target = PodTarget.Of(context, gate.Name.Value);
        var problem = Prepare(context, gate, route.Route.Limits);
        var admission = problem is null ? await gate.Enter(route.Route.Limits.QueueTimeout, isAsync: false, context.RequestAborted) : new(null, problem, default);
        problem = admission.Problem;
        var slowBody = BodyKind.TakesTime(context) ? context.Request.Body : null;
        for (var isRetry = false; admission.Pod is { } pod; isRetry = true)
        {
            var transformer = transformers.Get();
            var error = ForwarderError.None;
            try
            {
                transformer.Begin(target, gate.Current!, admission);
                if (slowBody is not null)
                    context.Request.Body = new WatchedStream(slowBody, static () => { }, transformer.Clock.BodyMoved);
                var silence = Forwarding.SilenceOf(gate.Current!.Route.Limits, IsUpgrade(context));
                error = await forwarder.SendAsync(context, pod.Origin, client.Http, Forwarding.To(pod, silence), transformer, transformer.Clock.Token);
                problem = error is ForwarderError.None ? null : Problem(context, gate, pod, error, transformer.Clock.Over);
            }
            finally
            {
                gate.Release(pod);
                transformers.Return(transformer);
            }

            if (error is ForwarderError.None || isRetry || context.RequestAborted.IsCancellationRequested)
                break;
            admission = await Again(context, gate, pod, error, problem!);
            // Where there is no room to wait for another pod, what happened at the first one is what the client must know.
            problem = admission.Problem is { Code: not GatewayProblem.QueueFullCode } worse ? worse : problem;
        }

        metrics.Ended(gate.Name, context, problem, started, admission);
        if (problem is not null && !context.RequestAborted.IsCancellationRequested)
            await problem.Write(context);
    }

    /// <summary>What comes before a pod is asked for: bounds of the body, and the header fields as a pod may see them.</summary>
    private GatewayProblem? Prepare(HttpContext context, DeploymentGate gate, RouteLimits limits)
    {
        long? most = limits.MaxRequestBytes > 0 ? limits.MaxRequestBytes : null;
        if (context.Request.ContentLength > most)
            return GatewayProblem.BodyTooLarge(most.Value);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = most;
        if (BodyKind.IsStream(context) && context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        HopByHop.Withdraw(context.Request.Headers);
        KeyCheck.Withdraw(context.Request.Headers);
        forwarded.Set(context, gate.Prefix);
        return null;
    }

    /// <summary>
    /// One more pod for a request of which the first one saw nothing, or that may be seen twice and has no body: any that is free, or, where
    /// nothing was sent at all, the first one that comes.
    /// </summary>
    private async ValueTask<Admission> Again(HttpContext context, DeploymentGate gate, PodSlot pod, ForwarderError error, GatewayProblem problem)
    {
        var isUnreached = PodFailure.IsUnreached(context.GetForwarderErrorFeature()?.Exception);
        if (isUnreached)
            prober.Watch(gate, pod);
        if (error is not ForwarderError.Request || context.Response.HasStarted || problem.Status != StatusCodes.Status502BadGateway)
            return default;
        if (!isUnreached && !(PodFailure.IsIdempotent(context.Request.Method) && BodyKind.IsEmpty(context)))
            return default;
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Features.Set<IForwarderErrorFeature>(null);
        return gate.EnterOther(pod) is { } other ? new(other, null, default)
            : isUnreached ? await gate.Enter(gate.Current!.Route.Limits.QueueTimeout, isAsync: false, context.RequestAborted)
            : default;
    }

    private GatewayProblem Problem(HttpContext context, DeploymentGate gate, PodSlot pod, ForwarderError error, GatewayProblem? over)
    {
        var exception = context.GetForwarderErrorFeature()?.Exception;
        if (!context.RequestAborted.IsCancellationRequested)
            LogForwardFailed(logger, exception, gate.Name.Value, pod.Pod.Name.Value, error);
        return over ?? (PodFailure.ClientsFault(exception) is { } bad
            ? GatewayProblem.BadRequest(bad.StatusCode, bad.Message)
            : GatewayProblem.PodBroke(pod.Pod.Name.Value));
    }

    private static bool IsUpgrade(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } || context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };

    [LoggerMessage(Level = LogLevel.Warning, Message = "A request to deployment {Deployment} failed at pod {Pod}: {Error}")]
    private static partial void LogForwardFailed(ILogger logger, Exception? exception, string deployment, string pod, ForwarderError error);

    private sealed class TransformerPolicy(TimeProvider time) : PooledObjectPolicy<PodTransformer>
    {
        public override PodTransformer Create() => new(time);

        public override bool Return(PodTransformer obj) => obj.TryReset();
    }
}
