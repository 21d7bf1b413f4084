using DeployCard.Client.Cluster;
using DeployCard.Common.Text;
using DeployCard.Contracts.Access;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Routing;
using DeployCard.Gateway.Problems;

namespace DeployCard.Gateway;

/// <summary>
/// Finds the call that a request names and authorizes the request. An API key gives access to the calls of its deployment; the
/// administrator token gives access to all calls.
/// </summary>
internal sealed class CallLookup(
    IGrainFactory grains,
    GrainRetry retry,
    RouteTable routes,
    KeyAuthorizer keys,
    ICallerAuthenticator administrator,
    CallIdIssuer ids,
    TimeProvider time
)
{
    /// <summary>
    /// Returns the call with the route of its deployment, or the problem to respond with. If the request carries the administrator token,
    /// the administrator becomes the user of the request.
    /// </summary>
    public async Task<CallLookupResult> Find(HttpRequest request, string text)
    {
        if (
            await administrator.Authenticate(BearerToken.Parse(request.Headers.Authorization), request.HttpContext.RequestAborted) is
            { } user
        )
            request.HttpContext.User = user;
        var isId = CallId.TryParse(text, out var id);
        var call = isId ? await retry.Execute(grains.GetGrain<IAsyncCallGrain>(id.Value).Get, request.HttpContext.RequestAborted) : null;
        var route = call is null ? null : (await routes.Find(call.Deployment.Value))?.Current;
        var problem =
            call is null || route is null
                // Only a caller with a valid key may learn which ids exist.
                ? (IsAdministrator(request) ? null : await keys.AuthorizeAny(request)) ?? Missing(text, isId && ids.IsIssuedHere(id))
                : await Authorize(request, call, route);
        return new(call, route, problem);
    }

    private static bool IsAdministrator(HttpRequest request) => request.HttpContext.User.Identity is { IsAuthenticated: true };

    private static GatewayProblem Missing(string text, bool wasIssued) =>
        wasIssued ? CallProblems.Expired(text) : CallProblems.NotFound(text);

    private async ValueTask<GatewayProblem?> Authorize(HttpRequest request, CallView call, CompiledRoute route) =>
        route.Route.State is RouteState.Deleted
            ? DeploymentProblems.Deleted(call.Deployment.Value)
            : (IsAdministrator(request) ? null : await keys.Authorize(request, route))
                // The call is due to be purged but may still be stored.
                ?? (call.PurgeAt <= time.GetUtcNow() ? CallProblems.Expired(call.Id.Value) : null);
}

/// <summary>Result of a call lookup.</summary>
/// <param name="Call">The call; null if there is no such call.</param>
/// <param name="Route">Route of the deployment that owns the call; null if the call or the deployment does not exist.</param>
/// <param name="Problem">Problem to respond with; null if access is granted, and then <c>Call</c> and <c>Route</c> are set.</param>
internal readonly record struct CallLookupResult(CallView? Call, CompiledRoute? Route, GatewayProblem? Problem);
