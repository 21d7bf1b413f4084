using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Cluster;
using DeployCard.Grains.Routing;
using DeployCard.GraphQL;
using DeployCard.GraphQL.Engine.Transport;

namespace DeployCard.Silo.Gateway;

/// <summary>Finds the call that a request asks for, and whether its key opens it. The administrator token, with which the card is shown, opens all.</summary>
internal sealed class CallLookup(
    IGrainFactory grains,
    RepeatableCalls calls,
    RouteTable routes,
    KeyCheck keys,
    IGraphQLAuthenticator administrator,
    CallIds ids,
    TimeProvider time
)
{
    /// <summary>The call with the route of its deployment, or why not. An administrator is the user of the request from then on.</summary>
    public async Task<FoundCall> Find(HttpRequest request, string text)
    {
        if (await administrator.Authenticate(BearerToken.Of(request), request.HttpContext.RequestAborted) is { } user)
            request.HttpContext.User = user;
        var isId = CallId.TryParse(text, out var id);
        var call = isId ? await calls.Make(grains.GetGrain<IAsyncCallGrain>(id.Value).Get, request.HttpContext.RequestAborted) : null;
        var route = call is null ? null : (await routes.Find(call.Deployment.Value))?.Current;
        var problem =
            call is null || route is null
                // Which ids there are is told only to those who have a key at all.
                ? (IsAdministrator(request) ? null : await keys.CheckAny(request)) ?? Missing(text, isId && ids.IsOurs(id))
                : await Refusal(request, call, route);
        return new(call, route, problem);
    }

    private static bool IsAdministrator(HttpRequest request) => request.HttpContext.User.Identity is { IsAuthenticated: true };

    private static GatewayProblem Missing(string text, bool isOurs) =>
        isOurs ? GatewayProblem.CallExpired(text) : GatewayProblem.CallNotFound(text);

    private async ValueTask<GatewayProblem?> Refusal(HttpRequest request, CallView call, GateRoute route) =>
        route.Route.State is RouteState.Deleted
            ? GatewayProblem.Deleted(call.Deployment.Value)
            : (IsAdministrator(request) ? null : await keys.Check(request, route))
                // Due to be removed, which may take a moment.
                ?? (call.PurgeAt <= time.GetUtcNow() ? GatewayProblem.CallExpired(call.Id.Value) : null);
}

/// <summary>What was found.</summary>
/// <param name="Call">The call; null where there is none.</param>
/// <param name="Route">The route of its deployment; null where there is none.</param>
/// <param name="Problem">Why the request does not get it; null when it does, and then there are both.</param>
internal readonly record struct FoundCall(CallView? Call, GateRoute? Route, GatewayProblem? Problem);
