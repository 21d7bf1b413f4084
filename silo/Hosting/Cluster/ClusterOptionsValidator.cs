using System.Net;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Hosting.Cluster;

/// <summary>What the ranges of <see cref="ClusterOptions"/> do not say.</summary>
internal sealed class ClusterOptionsValidator(IConfiguration configuration) : IValidateOptions<ClusterOptions>
{
    public ValidateOptionsResult Validate(string? name, ClusterOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (!options.SharedMachine && configuration.PodsRuntime() is PodsRuntime.LocalProcess)
        {
            result.AddError(
                "Cluster:SharedMachine is false, and pods are local processes, which silos on other machines cannot reach: "
                    + "set it to true if all silos of this database run on this one machine, or let pods run on Kubernetes (Pods:Runtime)."
            );
        }

        if (!IPAddress.TryParse(options.Address, out var address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            result.AddError(
                $"Cluster:Address is '{options.Address}': give the one IP address at which the other silos reach this one, as in 10.1.2.3."
            );
        return result.Build();
    }
}
