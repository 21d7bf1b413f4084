using DeployCard.LocalProcess.Processes;
using DeployCard.LocalProcess.Settings;
using Microsoft.Extensions.Options;

namespace DeployCard.LocalProcess.Hosting;

/// <summary>Checks the rules of <see cref="LocalProcessOptions"/> that its attributes cannot express.</summary>
internal sealed class LocalProcessOptionsValidator : IValidateOptions<LocalProcessOptions>
{
    public ValidateOptionsResult Validate(string? name, LocalProcessOptions options)
    {
        string[] errors =
        [
            .. CheckBackoff(options),
            .. options
                .ImagesFolders.Where(string.IsNullOrWhiteSpace)
                .Select(_ =>
                    $"{LocalProcessOptions.Section}:{nameof(options.ImagesFolders)} has an empty entry; give the path of a folder."
                ),
            .. options
                .Images.Where(image => !ImageName.IsValid(image.Key) || string.IsNullOrWhiteSpace(image.Value))
                .Select(image =>
                    $"{LocalProcessOptions.Section}:{nameof(options.Images)}:{image.Key} must be the path of a folder, "
                    + $"and the name {ImageName.Allowed}."
                ),
            .. options
                .PassEnvironment.Where(variable => !PodEnvironment.IsValidName(variable))
                .Select(variable =>
                    $"{LocalProcessOptions.Section}:{nameof(options.PassEnvironment)} has '{variable}', "
                    + $"which is not a valid name of an environment variable: {PodEnvironment.AllowedName}."
                ),
        ];
        return errors.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static IEnumerable<string> CheckBackoff(LocalProcessOptions options)
    {
        if (options.MaxRestartBackoff < options.InitialRestartBackoff)
            yield return $"{LocalProcessOptions.Section}:{nameof(options.MaxRestartBackoff)} must be at least "
                + $"{nameof(options.InitialRestartBackoff)}, {options.InitialRestartBackoff}; got {options.MaxRestartBackoff}.";
    }
}
