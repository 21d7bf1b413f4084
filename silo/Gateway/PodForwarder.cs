using System.Diagnostics;
using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Monitoring;
using DeployCard.Gateway.Problems;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.ObjectPool;
using Yarp.ReverseProxy.Forwarder;

namespace DeployCard.Gateway;

/// <summary>
/// Forwards a request to a pod and the pod's response to the client. Retries at another pod if the first pod fails early.
/// </summary>
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
    /// <summary>
    /// Maximum number of pooled transformers. Further concurrent requests create additional transformers, which are not returned to the
    /// pool.
    /// </summary>
    private const int MaxPooledTransformers = 4096;

    private readonly ObjectPool<PodTransformer> transformers = new DefaultObjectPool<PodTransformer>(
        new TransformerPolicy(time),
        MaxPooledTransformers
    );

    /// <summary>
    /// Forwards a request and writes the response. If a pod has a free slot, nothing is awaited before the request is sent.
    /// </summary>
    public Task Forward(HttpContext context, DeploymentGate gate, CompiledRoute route)
    {
        var started = Stopwatch.GetTimestamp();
        if (Prepare(context, gate, route.Route.Configuration) is { } problem)
            return End(context, gate, problem, started);
        return gate.TryAcquire() is { } pod ? Send(context, gate, pod, started) : WaitAndSend(context, gate, started);
    }

    private async Task WaitAndSend(HttpContext context, DeploymentGate gate, long started)
    {
        var admission = await Acquire(context, gate, gate.Current!.Route.Configuration.QueueTimeout);
        if (admission.Pod is { } pod)
            await Send(context, gate, pod, started);
        else
            await End(context, gate, admission.Problem!, started);
    }

    private async Task<Admission> Acquire(HttpContext context, DeploymentGate gate, TimeSpan timeLeft)
    {
        using var span = PredictionSpans.StartWait();
        var admission = await gate.Acquire(timeLeft, isAsync: false, context.RequestAborted);
        PredictionSpans.EndWait(span, admission);
        metrics.RecordWait(gate.Name, admission);
        if (admission.IsCold)
            gate.Traffic.RecordColdStart(admission.Waited);
        if (admission.Pod is not null)
            WaitHeaders.Write(context.Response, admission);
        return admission;
    }

    // Every local used after an await costs memory for each request in flight, so there are as few as possible.
    private async Task Send(HttpContext context, DeploymentGate gate, PodDestination pod, long started)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            GatewayProblem? problem;
            ForwarderError error;
            var transformer = transformers.Get();
            try
            {
                Begin(context, gate, pod, transformer);
                var silence = ForwarderConfigs.GetActivityTimeout(gate.Current!.Route.Configuration, IsUpgrade(context));
                error = await forwarder.SendAsync(
                    context,
                    pod.Origin,
                    client.Http,
                    ForwarderConfigs.For(pod, silence),
                    transformer,
                    transformer.Timeouts.Token
                );
                problem = error is ForwarderError.None ? null : GetProblem(context, gate, pod, error, transformer.Timeouts.Problem);
            }
            finally
            {
                gate.Release(pod);
                gate.Traffic.RecordBytes(FlushOnIdleStream.Unwrap(context.Request), transformer.ResponseCounter.Detach(context));
                transformers.Return(transformer);
            }

            if (problem is null)
            {
                EndForwarded(context, gate, started);
                return;
            }

            var next = await TryOtherPod(context, gate, pod, error, problem, isFirst, started);
            if (next.Pod is null)
            {
                // A full queue is not what failed the request, so the client gets the problem of the first pod.
                await End(context, gate, next.Problem is { } last && last.Error != GatewayErrorCode.QueueFull ? last : problem, started);
                return;
            }

            pod = next.Pod;
        }
    }

    private static void Begin(HttpContext context, DeploymentGate gate, PodDestination pod, PodTransformer transformer)
    {
        transformer.Begin(PodTarget.GetTarget(context, gate.Name.Value), gate.Current!, PredictionSpans.StartForward(pod));
        transformer.ResponseCounter.Attach(context);
        if (RequestBodyKind.IsLargeOrStreamed(context))
            context.Request.Body = new FlushOnIdleStream(context.Request.Body, transformer.Timeouts);
    }

    private void EndForwarded(HttpContext context, DeploymentGate gate, long started)
    {
        var status = context.Response.StatusCode;
        metrics.RecordEnded(gate.Name, context, null, started);
        // The duration of an upgraded connection is not a response time.
        gate.Traffic.RecordRequest(
            RequestClasses.ForPodResponse(status),
            status == StatusCodes.Status101SwitchingProtocols ? null : Stopwatch.GetElapsedTime(started)
        );
    }

    private Task End(HttpContext context, DeploymentGate gate, GatewayProblem problem, long started)
    {
        metrics.RecordEnded(gate.Name, context, problem, started);
        gate.Traffic.RecordRequest(RequestClasses.ForGatewayResponse(problem.Status), Stopwatch.GetElapsedTime(started));
        if (problem.IsCapacityRejection)
            gate.Traffic.RecordCapacityRejection();
        return context.RequestAborted.IsCancellationRequested ? Task.CompletedTask : problem.Write(context);
    }

    /// <summary>
    /// Prepares a request before a pod is acquired: checks and sets the limits of the body, and replaces the headers that a pod must not
    /// see. Returns a problem if the body is too large.
    /// </summary>
    private GatewayProblem? Prepare(HttpContext context, DeploymentGate gate, DeploymentConfiguration limits)
    {
        long? maxBytes = limits.MaxRequestBytes > 0 ? limits.MaxRequestBytes : null;
        if (context.Request.ContentLength > maxBytes)
            return RequestProblems.BodyTooLarge(maxBytes.Value);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = maxBytes;
        if (RequestBodyKind.HasUnknownLength(context) && context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        HopByHopHeaders.RemoveNamed(context.Request.Headers);
        KeyAuthorizer.RemoveCredentials(context.Request.Headers);
        forwarded.Set(context, gate.PathPrefix);
        return null;
    }

    /// <summary>
    /// Acquires a slot at another pod after the request failed. A request that was not sent may be sent to any free pod, and waits if no
    /// pod is free. A request that the pod may have received is retried once, at a free pod, if its method is idempotent and it has no
    /// body. Returns neither a pod nor a problem if the request must not be retried.
    /// </summary>
    private async Task<Admission> TryOtherPod(
        HttpContext context,
        DeploymentGate gate,
        PodDestination pod,
        ForwarderError error,
        GatewayProblem problem,
        bool isFirst,
        long started
    )
    {
        var exception = context.GetForwarderErrorFeature()?.Exception;
        var isUnreached = PodFailure.IsConnectFailure(exception);
        if (PodFailure.IsPodUnreachable(exception))
            prober.Eject(gate, pod);
        // For a connect timeout, the forwarder reports an error other than ForwarderError.Request.
        if (
            (error is not ForwarderError.Request && !isUnreached)
            || context.Response.HasStarted
            || problem.Status != StatusCodes.Status502BadGateway
        )
            return default;
        if (!isUnreached && !(isFirst && PodFailure.IsIdempotent(context.Request.Method) && RequestBodyKind.IsEmpty(context)))
            return default;
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Features.Set<IForwarderErrorFeature>(null);
        if (gate.TryAcquireOther(pod) is { } other)
            return new(other, null, default);
        // The queue timeout limits the total time, including earlier waits.
        var timeLeft = gate.Current!.Route.Configuration.QueueTimeout - Stopwatch.GetElapsedTime(started);
        return isUnreached && timeLeft > TimeSpan.Zero ? await Acquire(context, gate, timeLeft) : default;
    }

    private GatewayProblem GetProblem(
        HttpContext context,
        DeploymentGate gate,
        PodDestination pod,
        ForwarderError error,
        GatewayProblem? timeout
    )
    {
        if (context.RequestAborted.IsCancellationRequested)
            return RequestProblems.ClientClosed;
        var exception = context.GetForwarderErrorFeature()?.Exception;
        LogForwardFailed(logger, exception, gate.Name.Value, pod.Pod.Name.Value, error);
        return timeout
            ?? (
                PodFailure.FindClientError(exception) is { } bad
                    ? RequestProblems.BadRequest(bad.StatusCode, bad.Message)
                    : PodProblems.ConnectionFailed(pod.Pod.Name.Value)
            );
    }

    private static bool IsUpgrade(HttpContext context) =>
        context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
        || context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };

    [LoggerMessage(Level = LogLevel.Warning, Message = "Forwarding a request of deployment {Deployment} to pod {Pod} failed: {Error}")]
    private static partial void LogForwardFailed(ILogger logger, Exception? exception, string deployment, string pod, ForwarderError error);

    private sealed class TransformerPolicy(TimeProvider time) : PooledObjectPolicy<PodTransformer>
    {
        public override PodTransformer Create() => new(time);

        public override bool Return(PodTransformer obj) => obj.TryReset();
    }
}
