using System.Text.RegularExpressions;
using DeployCard.Contracts.Pods;
using DeployCard.Kubernetes.Images;
using DeployCard.Kubernetes.Settings;
using k8s.Models;

namespace DeployCard.Kubernetes.Pods;

/// <summary>Environment variables of a serving container.</summary>
internal static partial class PodEnvironment
{
    /// <summary>Returns the variables of the pod's revision in the order of their names, then those that DeployCard adds.</summary>
    /// <exception cref="PodRejectedException">A variable refers to a secret that deployments must not read.</exception>
    public static IEnumerable<V1EnvVar> For(PodSpec pod, KubernetesImage image, KubernetesOptions options) =>
        [
            .. pod
                .Environment.OrderBy(variable => variable.Key, StringComparer.Ordinal)
                .Select(variable => Variable(variable.Key, variable.Value, options)),
            // Without this variable Python buffers up to 8 KiB of output, and a live log stays empty.
            .. pod.Environment.ContainsKey("PYTHONUNBUFFERED")
                ? []
                : new[]
                {
                    new V1EnvVar { Name = "PYTHONUNBUFFERED", Value = "1" },
                },
            new() { Name = "PORT", Value = $"{image.Port}" },
            new() { Name = "HOSTNAME", Value = pod.Name.Value },
            new() { Name = "DEPLOYMENT", Value = pod.Deployment.Value },
        ];

    private static V1EnvVar Variable(string name, string value, KubernetesOptions options)
    {
        if (SecretKey().Match(value) is not { Success: true } secret)
            return new() { Name = name, Value = Literal(value) };
        var from = secret.Groups["name"].Value;
        return options.EnvironmentSecrets.Contains(from, StringComparer.Ordinal)
            ? new()
            {
                Name = name,
                ValueFrom = new()
                {
                    SecretKeyRef = new() { Name = from, Key = secret.Groups["key"].Value },
                },
            }
            : throw new PodRejectedException(
                PodReasons.Rejected,
                $"Variable {name} refers to secret '{from}', which deployments must not read. "
                    + "Add it to Kubernetes:EnvironmentSecrets to allow this."
            );
    }

    /// <summary>Escapes <c>$(NAME)</c>, which Kubernetes would otherwise replace by the value of another variable.</summary>
    private static string Literal(string value) => value.Replace("$(", "$$(", StringComparison.Ordinal);

    [GeneratedRegex(
        @"^secret:(?<name>[a-z0-9][a-z0-9.-]{0,252})/(?<key>[A-Za-z0-9._-]{1,253})\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex SecretKey();
}
