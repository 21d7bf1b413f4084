using DeployCard.Client.Cluster;
using DeployCard.Common.Telemetry;
using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Routing;
using DeployCard.Gateway.Problems;
using Microsoft.Extensions.Primitives;

namespace DeployCard.Gateway;

/// <summary>
/// Handles predictions. The steps, in order: route, CORS, API key, state of the deployment, rate limits, and finally a pod or the async
/// queue.
/// </summary>
internal sealed partial class PredictEndpoint(
    RouteTable routes,
    KeyAuthorizer keys,
    Cors cors,
    AcceptEndpoint calls,
    PodForwarder pods,
    GatewayMetrics metrics,
    ILogger<PredictEndpoint> logger
)
{
    /// <summary>
    /// Middleware that handles predictions before the rest of the pipeline. Predictions need no other routing than the deployment name in
    /// the path.
    /// </summary>
    public Task Invoke(HttpContext context, RequestDelegate next)
    {
        var name = PodTarget.GetDeploymentName(context.Request.Path.Value);
        return name.IsEmpty ? next(context)
            : routes.TryFind(name, out var gate) ? Serve(context, gate)
            : LoadAndServe(context, name.ToString());
    }

    private async Task LoadAndServe(HttpContext context, string name)
    {
        var (gate, problem) = await Load(name);
        if (gate is not null)
        {
            await Serve(context, gate);
            return;
        }

        RequestId.Ensure(context);
        await (problem ?? DeploymentProblems.NotFound(name)).Write(context);
    }

    private async Task<(DeploymentGate? Gate, GatewayProblem? Problem)> Load(string name)
    {
        try
        {
            return (await routes.Load(name), null);
        }
        catch (Exception e) when (TransientErrors.IsTransient(e))
        {
            LogRouteNotLoaded(logger, name, e.Message);
            return (
                null,
                TransientErrors.IsGrainUnavailable(e) ? AvailabilityProblems.TemporarilyUnavailable : AvailabilityProblems.RouteUnavailable
            );
        }
    }

    private Task Serve(HttpContext context, DeploymentGate gate) =>
        Spans.IsEnabled ? PredictionSpans.ServeInSpan(context, gate, Handle) : Handle(context, gate);

    /// <summary>
    /// Handles a prediction of a known deployment. Deliberately not async: if a pod is ready and has a free slot, nothing is awaited before
    /// the pod gets the request.
    /// </summary>
    private Task Handle(HttpContext context, DeploymentGate gate)
    {
        var route = gate.Current!;
        RequestId.Ensure(context);
        if (route.Cors is { } policy && cors.Apply(context, policy))
            return Task.CompletedTask;
        // Checked before the key, because no key gives access to such a deployment. A missing deployment is briefly in the route table
        // while another request loads its route.
        if (route.Route.State is RouteState.Deleted or RouteState.Missing)
            return Reject(context, gate, RouteRejection.For(route.Route)!);
        if (!keys.IsAuthorized(context.Request, route, out var key))
            return RejectKey(context, gate, route);
        if (CheckStateAndRates(context, gate, route, key) is { } problem)
            return Reject(context, gate, problem);
        return context.Request.Headers.TryGetValue(HeaderNames.AsyncRequest, out var asked)
            ? ForwardOrAccept(context, gate, route, asked)
            : pods.Forward(context, gate, route);
    }

    private Task ForwardOrAccept(HttpContext context, DeploymentGate gate, CompiledRoute route, StringValues asked) =>
        !bool.TryParse(asked.ToString(), out var isAsync)
            ? Reject(context, gate, RequestProblems.InvalidHeader(HeaderNames.AsyncRequest, "true or false", asked.ToString()))
        : isAsync ? Accept(context, gate, route)
        : pods.Forward(context, gate, route);

    private async Task Accept(HttpContext context, DeploymentGate gate, CompiledRoute route)
    {
        if (await calls.Handle(context, route.Route) is { } problem)
            await Reject(context, gate, problem);
        else
            gate.Traffic.RecordAsyncAccepted();
    }

    private async Task RejectKey(HttpContext context, DeploymentGate gate, CompiledRoute route) =>
        await Reject(context, gate, await keys.FindProblem(context.Request, route));

    private Task Reject(HttpContext context, DeploymentGate gate, GatewayProblem problem)
    {
        metrics.RecordRejected(gate.Name, problem);
        gate.Traffic.RecordRequest(RequestClasses.ForGatewayResponse(problem.Status), null);
        if (problem.IsCapacityRejection)
            gate.Traffic.RecordCapacityRejection();
        return context.RequestAborted.IsCancellationRequested ? Task.CompletedTask : problem.Write(context);
    }

    private static GatewayProblem? CheckStateAndRates(HttpContext context, DeploymentGate gate, CompiledRoute route, CompiledKey? key) =>
        route.Route.State is RouteState.Stopped
            ? DeploymentProblems.Stopped(gate.Name.Value)
            : route.RateLimiter?.Acquire(context) ?? key?.RateLimiter?.Acquire(context);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Loading the route of deployment {Deployment} failed: {Reason}")]
    private static partial void LogRouteNotLoaded(ILogger logger, string deployment, string reason);
}
