using DeployCard.Contracts.Callbacks;
using DeployCard.Contracts.Routing;
using DeployCard.Gateway.Problems;

namespace DeployCard.Gateway;

/// <summary>Request header <c>X-Callback-Url</c>: the address that receives a webhook when the call ends.</summary>
internal sealed class CallbackHeader(CallbackUrlParser target)
{
    /// <summary>
    /// Returns the callback address, or the problem with it. Both are null if the header is absent. A deployment without a webhook secret
    /// accepts no callback address.
    /// </summary>
    public (Uri? Url, GatewayProblem? Problem) Read(IHeaderDictionary headers, Route route)
    {
        if (!headers.TryGetValue(HeaderNames.CallbackUrl, out var given))
            return (null, null);
        if (given.Count != 1)
            return (null, RequestProblems.InvalidHeader(HeaderNames.CallbackUrl, "sent at most once", given.ToString()));
        var (url, mustBe) = target.Parse(given.ToString());
        return mustBe is not null ? (null, RequestProblems.InvalidHeader(HeaderNames.CallbackUrl, mustBe, given.ToString()))
            : !route.HasWebhookSecret ? (null, CallProblems.WebhookSecretMissing(route.Deployment.Value))
            : (url, null);
    }
}
