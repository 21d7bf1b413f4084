using DeployCard.Silo.Gateway;
using DeployCard.Silo.Hosting;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Telemetry;

/// <summary>An address of its own: what is measured names deployments, which is nothing for their clients.</summary>
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
                $"Metrics:Url is '{url}': give an address of its own with a port, as in {MetricsOptions.DefaultUrl}, or nothing for none."
            );
        var taken = SiloBuilder
            .Urls(configuration)
            .Concat(GatewayServer.FurtherUrls(configuration))
            .FirstOrDefault(other => TryParse(other, out var its) && its.Port == address.Port);
        return taken is null
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"Metrics:Url is '{url}', and port {address.Port} is that of {taken}: give it a port of its own, clients must not read what is measured."
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
