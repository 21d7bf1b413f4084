using Microsoft.Extensions.Options;

namespace DeployCard.Grains.Runtimes.LocalProcess;

internal sealed class LocalProcessOptionsValidator : IValidateOptions<LocalProcessOptions>
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, LocalProcessOptions options)
    {
        string[] errors =
        [
            .. Range(nameof(options.InitialRestartBackoff), options.InitialRestartBackoff, TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1)),
            .. Range(nameof(options.MaxRestartBackoff), options.MaxRestartBackoff, options.InitialRestartBackoff, Day),
            .. Range(nameof(options.RestartBackoffResetAfter), options.RestartBackoffResetAfter, TimeSpan.FromSeconds(1), Day),
            .. Range(nameof(options.CheckTimeout), options.CheckTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)),
            .. Range(nameof(options.CheckCacheDuration), options.CheckCacheDuration, TimeSpan.Zero, Day),
            .. Range(nameof(options.DisposeGrace), options.DisposeGrace, TimeSpan.Zero, TimeSpan.FromMinutes(10)),
            .. Range(nameof(options.GoneRetention), options.GoneRetention, TimeSpan.Zero, TimeSpan.FromHours(1)),
            .. Range(nameof(options.MaxLineBytes), options.MaxLineBytes, 80, 1024 * 1024),
            .. Range(nameof(options.MaxBufferedLogLines), options.MaxBufferedLogLines, 100, 1_000_000),
            .. Range(nameof(options.MaxBufferedLogBytes), options.MaxBufferedLogBytes, 64 * 1024, 1024 * 1024 * 1024),
            .. options
                .ImagesFolders.Where(string.IsNullOrWhiteSpace)
                .Select(_ =>
                    $"{LocalProcessOptions.Section}:{nameof(options.ImagesFolders)} has an empty entry; give the path of a folder."
                ),
            .. options
                .Images.Where(image => !Images.ImageName.IsValid(image.Key) || string.IsNullOrWhiteSpace(image.Value))
                .Select(image =>
                    $"{LocalProcessOptions.Section}:{nameof(options.Images)}:{image.Key} must be the path of a folder, "
                    + $"and the name {Images.ImageName.Allowed}."
                ),
            .. options
                .PassEnvironment.Where(variable => !PodEnvironment.IsName(variable))
                .Select(variable =>
                    $"{LocalProcessOptions.Section}:{nameof(options.PassEnvironment)} has '{variable}', "
                    + $"which is no name of an environment variable: {PodEnvironment.AllowedName}."
                ),
        ];
        return errors.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static IEnumerable<string> Range<T>(string option, T value, T least, T most)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
            yield return $"{LocalProcessOptions.Section}:{option} is {value}; it must be {least} to {most}.";
    }
}
