using System.Diagnostics;
using DeployCard.Grains.Monitoring;
using DeployCard.Grains.Routing;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.ObjectPool;
using Yarp.ReverseProxy.Forwarder;

namespace DeployCard.Silo.Gateway;

/// <summary>Takes a request to a pod and the pod's answer back, and to another pod where the first one cannot be reached.</summary>
internal sealed partial class PodForwarder(
    PodClient client,
    IHttpForwarder forwarder,
    ForwardedHeaders forwarded,
    PodProber prober,
    GatewayMetrics metrics,
    TimeProvider time,
    ILogger<PodForwarder> logger
)
{
    /// <summary>As many as requests are usually under way: beyond that each makes one of its own.</summary>
    private const int Kept = 4096;

    private readonly ObjectPool<PodTransformer> transformers = new DefaultObjectPool<PodTransformer>(new TransformerPolicy(time), Kept);

    /// <summary>Forwards a request and answers it. Where a pod is free, nothing is waited for before it has the request.</summary>
    public Task Forward(HttpContext context, DeploymentGate gate, GateRoute route)
    {
        var started = Stopwatch.GetTimestamp();
        if (Prepare(context, gate, route.Route.Limits) is { } refusal)
            return End(context, gate, refusal, started);
        return gate.TryEnter() is { } pod ? Send(context, gate, pod, started) : WaitAndSend(context, gate, started);
    }

    private async Task WaitAndSend(HttpContext context, DeploymentGate gate, long started)
    {
        var admission = await Enter(context, gate, gate.Current!.Route.Limits.QueueTimeout);
        if (admission.Pod is { } pod)
            await Send(context, gate, pod, started);
        else
            await End(context, gate, admission.Problem!, started);
    }

    private async Task<Admission> Enter(HttpContext context, DeploymentGate gate, TimeSpan patience)
    {
        using var span = PredictionSpans.Wait();
        var admission = await gate.Enter(patience, isAsync: false, context.RequestAborted);
        PredictionSpans.End(span, admission);
        metrics.Waited(gate.Name, admission);
        if (admission.IsCold)
            gate.Traffic.StartedCold(admission.Waited);
        if (admission.Pod is not null)
            Answers.TellWait(context.Response, admission);
        return admission;
    }

    // What must be known after an await is kept for each request: as little as can be.
    private async Task Send(HttpContext context, DeploymentGate gate, PodSlot pod, long started)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            GatewayProblem? problem;
            ForwarderError error;
            var transformer = transformers.Get();
            try
            {
                Begin(context, gate, pod, transformer);
                var silence = Forwarding.SilenceOf(gate.Current!.Route.Limits, IsUpgrade(context));
                error = await forwarder.SendAsync(
                    context,
                    pod.Origin,
                    client.Http,
                    Forwarding.To(pod, silence),
                    transformer,
                    transformer.Clock.Token
                );
                problem = error is ForwarderError.None ? null : Problem(context, gate, pod, error, transformer.Clock.Over);
            }
            finally
            {
                gate.Release(pod);
                gate.Traffic.Moved(SentBody.Unwrap(context.Request), transformer.Answer.End(context));
                transformers.Return(transformer);
            }

            if (problem is null)
            {
                Answered(context, gate, started);
                return;
            }

            var next = await Again(context, gate, pod, error, problem, isFirst, started);
            if (next.Pod is null)
            {
                // Where there is no room to wait for another pod, what happened at the first one is what the client must know.
                await End(context, gate, next.Problem is { Code: not GatewayProblem.QueueFullCode } worse ? worse : problem, started);
                return;
            }

            pod = next.Pod;
        }
    }

    private static void Begin(HttpContext context, DeploymentGate gate, PodSlot pod, PodTransformer transformer)
    {
        transformer.Begin(PodTarget.Of(context, gate.Name.Value), gate.Current!, PredictionSpans.Forward(pod));
        transformer.Answer.Begin(context);
        if (BodyKind.TakesTime(context))
            context.Request.Body = new SentBody(context.Request.Body, transformer.Clock);
    }

    private void Answered(HttpContext context, DeploymentGate gate, long started)
    {
        var status = context.Response.StatusCode;
        metrics.Ended(gate.Name, context, null, started);
        // Of a connection that was upgraded the time tells nothing.
        gate.Traffic.Ended(
            RequestClasses.OfAnswer(status),
            status == StatusCodes.Status101SwitchingProtocols ? null : Stopwatch.GetElapsedTime(started)
        );
    }

    private Task End(HttpContext context, DeploymentGate gate, GatewayProblem problem, long started)
    {
        metrics.Ended(gate.Name, context, problem, started);
        gate.Traffic.Ended(RequestClasses.OfProblem(problem.Status), Stopwatch.GetElapsedTime(started));
        if (problem.IsForLackOfPods)
            gate.Traffic.TurnedAway();
        return context.RequestAborted.IsCancellationRequested ? Task.CompletedTask : problem.Write(context);
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
    /// Another pod for a request that its pod failed. What was not sent goes on to any that is free, or else to the first one that comes; what a pod
    /// may have seen goes to one more that is free, if it may be seen twice and has no body.
    /// </summary>
    private async Task<Admission> Again(
        HttpContext context,
        DeploymentGate gate,
        PodSlot pod,
        ForwarderError error,
        GatewayProblem problem,
        bool isFirst,
        long started
    )
    {
        var exception = context.GetForwarderErrorFeature()?.Exception;
        var isUnreached = PodFailure.IsUnreached(exception);
        if (PodFailure.IsAway(exception))
            prober.Watch(gate, pod);
        // The forwarder takes a connection that does not come about in time for a request that took too long.
        if (
            (error is not ForwarderError.Request && !isUnreached)
            || context.Response.HasStarted
            || problem.Status != StatusCodes.Status502BadGateway
        )
            return default;
        if (!isUnreached && !(isFirst && PodFailure.IsIdempotent(context.Request.Method) && BodyKind.IsEmpty(context)))
            return default;
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Features.Set<IForwarderErrorFeature>(null);
        if (gate.EnterOther(pod) is { } other)
            return new(other, null, default);
        // All waits of a request together take no longer than one may.
        var patience = gate.Current!.Route.Limits.QueueTimeout - Stopwatch.GetElapsedTime(started);
        return isUnreached && patience > TimeSpan.Zero ? await Enter(context, gate, patience) : default;
    }

    private GatewayProblem Problem(HttpContext context, DeploymentGate gate, PodSlot pod, ForwarderError error, GatewayProblem? over)
    {
        if (context.RequestAborted.IsCancellationRequested)
            return GatewayProblem.ClientGone;
        var exception = context.GetForwarderErrorFeature()?.Exception;
        LogForwardFailed(logger, exception, gate.Name.Value, pod.Pod.Name.Value, error);
        return over
            ?? (
                PodFailure.ClientsFault(exception) is { } bad
                    ? GatewayProblem.BadRequest(bad.StatusCode, bad.Message)
                    : GatewayProblem.PodBroke(pod.Pod.Name.Value)
            );
    }

    private static bool IsUpgrade(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
        || context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };

    [LoggerMessage(Level = LogLevel.Warning, Message = "A request to deployment {Deployment} failed at pod {Pod}: {Error}")]
    private static partial void LogForwardFailed(ILogger logger, Exception? exception, string deployment, string pod, ForwarderError error);

    private sealed class TransformerPolicy(TimeProvider time) : PooledObjectPolicy<PodTransformer>
    {
        public override PodTransformer Create() => new(time);

        public override bool Return(PodTransformer obj) => obj.TryReset();
    }
}
