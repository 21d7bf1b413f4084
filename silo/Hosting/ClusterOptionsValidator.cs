using System.Net;
using Microsoft.Extensions.Options;

namespace DeployCard.Silo.Hosting;

/// <summary>Validates the rules that the attributes of <see cref="ClusterOptions"/> cannot express.</summary>
internal sealed class ClusterOptionsValidator(IConfiguration configuration) : IValidateOptions<ClusterOptions>
{
    public ValidateOptionsResult Validate(string? name, ClusterOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (!options.SharedMachine && configuration.GetPodsRuntime() is PodsRuntime.LocalProcess)
        {
            result.AddError(
                "Cluster:SharedMachine is false, but pods are local processes, which silos on other machines cannot reach: "
                    + "set it to true if all silos of this database run on this machine, or run pods on Kubernetes (Pods:Runtime)."
            );
        }

        if (!IPAddress.TryParse(options.Address, out var address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            result.AddError(
                $"Cluster:Address must be the IP address at which other silos reach this one, as in 10.1.2.3; got '{options.Address}'."
            );
        return result.Build();
    }
}
