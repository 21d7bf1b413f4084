using DeployCard.Grains.Runtimes.Kubernetes.Images;
using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Runtimes.Kubernetes;

/// <summary>What the ranges of <see cref="KubernetesOptions"/> do not say.</summary>
internal sealed class KubernetesOptionsValidator : IValidateOptions<KubernetesOptions>
{
    private static readonly string[] Effects = ["", "NoSchedule", "PreferNoSchedule", "NoExecute"];

    public ValidateOptionsResult Validate(string? name, KubernetesOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        for (var i = 0; i < options.Images.Count; i++)
            CheckImage(result, $"{KubernetesOptions.Section}:{nameof(options.Images)}:{i}", options.Images[i]);
        foreach (var twice in options.Images.GroupBy(image => image.Name).Where(images => images.Count() > 1))
            result.AddError($"{KubernetesOptions.Section}:{nameof(options.Images)} has '{twice.Key}' {twice.Count()} times; give each name once.");
        for (var i = 0; i < options.Tolerations.Count; i++)
        {
            if (!Effects.Contains(options.Tolerations[i].Effect, StringComparer.Ordinal))
                result.AddError($"{KubernetesOptions.Section}:{nameof(options.Tolerations)}:{i}:Effect is '{options.Tolerations[i].Effect}'; give NoSchedule, PreferNoSchedule, NoExecute or nothing.");
        }

        if (options.LongestRetryPause < options.RetryPause)
            result.AddError($"{KubernetesOptions.Section}:{nameof(options.LongestRetryPause)} is {options.LongestRetryPause}; it must not be below {nameof(options.RetryPause)}, {options.RetryPause}.");
        return result.Build();
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
    }
}
