using DeployCard.Grains.Callbacks;

namespace DeployCard.Silo.Gateway;

/// <summary>Where a caller wants to be told of the end of a call: <c>X-Callback-Url</c>.</summary>
internal sealed class CallbackHeader(CallbackTarget target)
{
    public const string Name = "X-Callback-Url";

    /// <summary>The address, null for none; or why it is refused.</summary>
    public (Uri? Url, GatewayProblem? Problem) Read(IHeaderDictionary headers, Route route)
    {
        if (!headers.TryGetValue(Name, out var given))
            return (null, null);
        if (given.Count != 1)
            return (null, GatewayProblem.InvalidHeader(Name, "given once", given.ToString()));
        var (url, mustBe) = target.Read(given.ToString());
        return mustBe is not null ? (null, GatewayProblem.InvalidHeader(Name, mustBe, given.ToString()))
            : !route.HasWebhookSecret ? (null, GatewayProblem.WebhookSecretMissing(route.Deployment.Value))
            : (url, null);
    }
}
