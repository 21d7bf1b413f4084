using DeployCard.Gateway;
using DeployCard.Silo.Hosting;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Telemetry;

/// <summary>
/// Checks that metrics have a separate port. Metrics contain the names of deployments, which clients of the gateway must not see.
/// </summary>
internal sealed class MetricsOptionsValidator(IConfiguration configuration) : IValidateOptions<MetricsOptions>
{
    public ValidateOptionsResult Validate(string? name, MetricsOptions options)
    {
        if (options.Url is not { Length: > 0 } url)
            return ValidateOptionsResult.Success;
        if (
            !TryParse(url, out var address)
            || address.PathBase.Length > 0
            || address.IsUnixPipe
            || address.IsNamedPipe
            || !address.Scheme.Equals("http", StringComparison.OrdinalIgnoreCase)
        )
            return ValidateOptionsResult.Fail(
                $"Metrics:Url is '{url}', but must be an http address with a port, as in {MetricsOptions.DefaultUrl}, or empty."
            );
        var taken = SiloBuilder
            .GetUrls(configuration)
            .Concat(GatewayHostExtensions.GetGatewayUrls(configuration))
            .FirstOrDefault(other => TryParse(other, out var otherAddress) && otherAddress.Port == address.Port);
        return taken is null
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"Metrics:Url is '{url}', but {taken} also uses port {address.Port}: choose a separate port that clients cannot reach."
            );
    }

    private static bool TryParse(string url, out BindingAddress address)
    {
        try
        {
            address = BindingAddress.Parse(url);
            return true;
        }
        catch (FormatException)
        {
            address = null!;
            return false;
        }
    }
}
