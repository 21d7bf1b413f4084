using DeployCard.Grains.Cluster;
using DeployCard.Grains.Monitoring;
using DeployCard.Grains.Routing;
using DeployCard.Grains.Telemetry;
using Microsoft.Extensions.Primitives;

namespace DeployCard.Silo.Gateway;

/// <summary>A prediction, in the order in which a request is seen to: route, origin, key, state, rates, then a pod or the queue of calls.</summary>
internal sealed partial class PredictEndpoint(
    RouteTable routes,
    KeyCheck keys,
    Cors cors,
    AcceptEndpoint calls,
    PodForwarder pods,
    GatewayMetrics metrics,
    ILogger<PredictEndpoint> logger
)
{
    private const string AsyncHeader = "X-Async-Request";

    /// <summary>
    /// Takes predictions out of the pipeline before anything else looks at them: the name in their path is all the routing that they need.
    /// </summary>
    public Task Invoke(HttpContext context, RequestDelegate next)
    {
        var name = PodTarget.NameIn(context.Request.Path.Value);
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
        await (problem ?? GatewayProblem.NotFound(name)).Write(context);
    }

    private async Task<(DeploymentGate? Gate, GatewayProblem? Problem)> Load(string name)
    {
        try
        {
            return (await routes.Load(name), null);
        }
        catch (Exception e) when (ClusterFault.IsPassing(e))
        {
            LogNotLoaded(logger, name, e.Message);
            return (null, ClusterFault.Is(e) ? GatewayProblem.SiloAway : GatewayProblem.RouteUnread);
        }
    }

    private Task Serve(HttpContext context, DeploymentGate gate) =>
        Spans.AreOn ? PredictionSpans.Around(context, gate, Answer) : Answer(context, gate);

    /// <summary>Not an asynchronous method: on the warm way nothing is waited for before a pod has the request.</summary>
    private Task Answer(HttpContext context, DeploymentGate gate)
    {
        var route = gate.Current!;
        RequestId.Ensure(context);
        if (route.Cors is { } policy && cors.Answer(context, policy))
            return Task.CompletedTask;
        // Before the key: there is none that opens such a one. One that is missing is found for a moment by who comes while another one asks for it.
        if (route.Route.State is RouteState.Deleted or RouteState.Missing)
            return Refuse(context, gate, RouteRefusal.Of(route.Route)!);
        if (!keys.Opens(context.Request, route, out var key))
            return RefuseKey(context, gate, route);
        if (Refusal(context, gate, route.Route, key) is { } refusal)
            return Refuse(context, gate, refusal);
        return context.Request.Headers.TryGetValue(AsyncHeader, out var asked)
            ? ServeEither(context, gate, route, asked)
            : pods.Forward(context, gate, route);
    }

    private Task ServeEither(HttpContext context, DeploymentGate gate, GateRoute route, StringValues asked) =>
        !bool.TryParse(asked.ToString(), out var isAsync)
            ? Refuse(context, gate, GatewayProblem.InvalidHeader(AsyncHeader, "true or false", asked.ToString()))
        : isAsync ? Accept(context, gate, route)
        : pods.Forward(context, gate, route);

    private async Task Accept(HttpContext context, DeploymentGate gate, GateRoute route)
    {
        if (await calls.Handle(context, route.Route) is { } problem)
            await Refuse(context, gate, problem);
        else
            gate.Traffic.Accepted();
    }

    private async Task RefuseKey(HttpContext context, DeploymentGate gate, GateRoute route) =>
        await Refuse(context, gate, await keys.Explain(context.Request, route));

    private Task Refuse(HttpContext context, DeploymentGate gate, GatewayProblem problem)
    {
        metrics.Refused(gate.Name, problem);
        gate.Traffic.Ended(RequestClasses.OfProblem(problem.Status), null);
        if (problem.IsForLackOfPods)
            gate.Traffic.TurnedAway();
        return context.RequestAborted.IsCancellationRequested ? Task.CompletedTask : problem.Write(context);
    }

    private static GatewayProblem? Refusal(HttpContext context, DeploymentGate gate, Route route, KeySlot? key) =>
        route.State is RouteState.Stopped ? GatewayProblem.Stopped(gate.Name.Value) : gate.Rate?.Take(context) ?? key?.Rate?.Take(context);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The route of deployment {Deployment} could not be read: {Reason}")]
    private static partial void LogNotLoaded(ILogger logger, string deployment, string reason);
}
