using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace DeployCard.Kubernetes.Settings;

/// <summary>Checks rules of <see cref="KubernetesOptions"/> that its attributes cannot express.</summary>
internal sealed partial class KubernetesOptionsValidator : IValidateOptions<KubernetesOptions>
{
    private const string NameRule = "1 to 253 lowercase letters, digits, '-' or '.', with a letter or digit at both ends";

    public ValidateOptionsResult Validate(string? name, KubernetesOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        for (var i = 0; i < options.Images.Count; i++)
            CheckImage(result, $"{KubernetesOptions.Section}:{nameof(options.Images)}:{i}", options.Images[i]);
        foreach (var duplicate in options.Images.GroupBy(image => image.Name).Where(images => images.Count() > 1))
            result.AddError(
                $"{KubernetesOptions.Section}:{nameof(options.Images)} has '{duplicate.Key}' {duplicate.Count()} times; "
                    + "each name must be unique."
            );
        CheckScheduling(result, options);
        CheckNames(result, nameof(options.ImagePullSecrets), options.ImagePullSecrets);
        CheckNames(result, nameof(options.EnvironmentSecrets), options.EnvironmentSecrets);
        if (options.MaxBackoff < options.InitialBackoff)
            result.AddError(
                $"{KubernetesOptions.Section}:{nameof(options.MaxBackoff)} is {options.MaxBackoff}; "
                    + $"it must be at least {nameof(options.InitialBackoff)}, which is {options.InitialBackoff}."
            );
        return result.Build();
    }

    private static void CheckScheduling(ValidateOptionsResultBuilder result, KubernetesOptions options)
    {
        foreach (var (label, value) in options.NodeSelector.Where(label => !LabelValue().IsMatch(label.Value)))
            result.AddError(
                $"{KubernetesOptions.Section}:{nameof(options.NodeSelector)}:{label} is '{value}'; a label value must be at most "
                    + "63 letters, digits, '-', '_' or '.', with a letter or digit at both ends."
            );
        for (var i = 0; i < options.Tolerations.Count; i++)
        {
            var setting = $"{KubernetesOptions.Section}:{nameof(options.Tolerations)}:{i}";
            if (options.Tolerations[i] is { Key.Length: 0, Value: { Length: > 0 } value })
                result.AddError($"{setting}:Value is '{value}'; it must be empty if there is no key.");
        }
    }

    private static void CheckNames(ValidateOptionsResultBuilder result, string list, IList<string> names)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (!ObjectName().IsMatch(names[i]))
                result.AddError($"{KubernetesOptions.Section}:{list}:{i} is '{names[i]}'; it must be the name of a secret, {NameRule}.");
        }
    }

    private static void CheckImage(ValidateOptionsResultBuilder result, string setting, KubernetesImageOptions image)
    {
        if (!ImageReference.IsValid(image.Reference))
            result.AddError($"{setting}:Reference is '{image.Reference}'; it must be {ImageReference.AllowedSyntax}.");
        CheckVolumes(result, $"{setting}:{nameof(image.Volumes)}", image);
    }

    private static void CheckVolumes(ValidateOptionsResultBuilder result, string setting, KubernetesImageOptions image)
    {
        for (var i = 0; i < image.Volumes.Count; i++)
        {
            var volume = image.Volumes[i];
            if (!ObjectName().IsMatch(volume.Claim))
                result.AddError($"{setting}:{i}:Claim is '{volume.Claim}'; it must be the name of a persistent volume claim, {NameRule}.");
        }

        var paths = image.Volumes.Select(volume => volume.Path).Concat(image.SharedMemoryBytes is null ? [] : ["/dev/shm"]);
        foreach (var duplicate in paths.GroupBy(path => path.TrimEnd('/')).Where(same => same.Count() > 1))
            result.AddError($"{setting} has the path '{duplicate.Key}' {duplicate.Count()} times; each path must be unique.");
    }

    [GeneratedRegex(
        @"^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex LabelValue();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ObjectName();
}
