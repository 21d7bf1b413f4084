using System.Text.RegularExpressions;
using DeployCard.Grains.Runtimes.Kubernetes.Images;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Runtimes.Kubernetes;

/// <summary>What the ranges of <see cref="KubernetesOptions"/> do not say.</summary>
internal sealed partial class KubernetesOptionsValidator : IValidateOptions<KubernetesOptions>
{
    private const string NameRule = "1 to 253 small letters, digits, '-' or '.', with a letter or digit at both ends";
    private const long LeastSharedMemory = 1L << 20;
    private const long MostSharedMemory = 1L << 40;

    private static readonly string[] Effects = ["", "NoSchedule", "PreferNoSchedule", "NoExecute"];

    public ValidateOptionsResult Validate(string? name, KubernetesOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        for (var i = 0; i < options.Images.Count; i++)
            CheckImage(result, $"{KubernetesOptions.Section}:{nameof(options.Images)}:{i}", options.Images[i]);
        foreach (var twice in options.Images.GroupBy(image => image.Name).Where(images => images.Count() > 1))
            result.AddError(
                $"{KubernetesOptions.Section}:{nameof(options.Images)} has '{twice.Key}' {twice.Count()} times; give each name once."
            );
        CheckPlaces(result, options);
        CheckNames(result, nameof(options.ImagePullSecrets), options.ImagePullSecrets);
        CheckNames(result, nameof(options.EnvironmentSecrets), options.EnvironmentSecrets);
        if (options.MaxBackoff < options.InitialBackoff)
            result.AddError(
                $"{KubernetesOptions.Section}:{nameof(options.MaxBackoff)} is {options.MaxBackoff}; it must not be below {nameof(options.InitialBackoff)}, {options.InitialBackoff}."
            );
        return result.Build();
    }

    private static void CheckPlaces(ValidateOptionsResultBuilder result, KubernetesOptions options)
    {
        foreach (var (label, value) in options.NodeSelector.Where(label => !LabelValue().IsMatch(label.Value)))
            result.AddError(
                $"{KubernetesOptions.Section}:{nameof(options.NodeSelector)}:{label} is '{value}'; a label's value has at most 63 letters, digits, '-', '_' or '.', with a letter or digit at both ends."
            );
        for (var i = 0; i < options.Tolerations.Count; i++)
        {
            var setting = $"{KubernetesOptions.Section}:{nameof(options.Tolerations)}:{i}";
            if (!Effects.Contains(options.Tolerations[i].Effect, StringComparer.Ordinal))
                result.AddError(
                    $"{setting}:Effect is '{options.Tolerations[i].Effect}'; give NoSchedule, PreferNoSchedule, NoExecute or nothing."
                );
            if (options.Tolerations[i] is { Key.Length: 0, Value: { Length: > 0 } value })
                result.AddError($"{setting}:Value is '{value}'; without a key it must be empty.");
        }
    }

    private static void CheckNames(ValidateOptionsResultBuilder result, string list, IList<string> names)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (!ObjectName().IsMatch(names[i]))
                result.AddError($"{KubernetesOptions.Section}:{list}:{i} is '{names[i]}'; give the name of a secret, {NameRule}.");
        }
    }

    private static void CheckImage(ValidateOptionsResultBuilder result, string setting, KubernetesImageOptions image)
    {
        if (image.Name.Length is 0 or > 255)
            result.AddError($"{setting}:Name must be 1 to 255 characters; {image.Name.Length} were given.");
        if (!ImageReference.IsValid(image.Reference))
            result.AddError($"{setting}:Reference is '{image.Reference}'; it must be {ImageReference.Allowed}.");
        if (image.Port is < 1 or > 65_535)
            result.AddError($"{setting}:Port is {image.Port}; it must be 1 to 65535.");
        if (image.ReadinessPath is { } path && !path.StartsWith('/'))
            result.AddError($"{setting}:ReadinessPath is '{path}'; it must be a path as in /healthz.");
        if (image.SharedMemoryBytes is < LeastSharedMemory or > MostSharedMemory)
            result.AddError(
                $"{setting}:SharedMemoryBytes is {image.SharedMemoryBytes}; it must be {LeastSharedMemory} to {MostSharedMemory}."
            );
        CheckVolumes(result, $"{setting}:{nameof(image.Volumes)}", image);
    }

    private static void CheckVolumes(ValidateOptionsResultBuilder result, string setting, KubernetesImageOptions image)
    {
        for (var i = 0; i < image.Volumes.Count; i++)
        {
            var volume = image.Volumes[i];
            if (!ObjectName().IsMatch(volume.Claim))
                result.AddError($"{setting}:{i}:Claim is '{volume.Claim}'; give the name of a persistent volume claim, {NameRule}.");
            if (!MountPath().IsMatch(volume.Path))
                result.AddError(
                    $"{setting}:{i}:Path is '{volume.Path}'; it must be a path as in /models, 2 to 1000 printable characters without ':' and '..'."
                );
        }

        var paths = image.Volumes.Select(volume => volume.Path).Concat(image.SharedMemoryBytes is null ? [] : ["/dev/shm"]);
        foreach (var twice in paths.GroupBy(path => path.TrimEnd('/')).Where(same => same.Count() > 1))
            result.AddError($"{setting} has {twice.Count()} for the path '{twice.Key}'; give each path once.");
    }

    [GeneratedRegex(
        @"^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex LabelValue();

    // What Kubernetes takes, and no path that leads elsewhere than it looks.
    [GeneratedRegex(@"^/(?!.*\.\.)[!-9;-~]{1,999}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex MountPath();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ObjectName();
}
