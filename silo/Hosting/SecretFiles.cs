namespace DeployCard.Silo.Hosting;

/// <summary>
/// Reads settings from files, because container platforms mount secrets as files. <c>Cluster__Secret_FILE=/run/secrets/deploycard</c> sets
/// <c>Cluster:Secret</c> to the text of that file without leading and trailing white space. This works for every setting.
/// </summary>
internal static class SecretFiles
{
    /// <summary>Suffix of the name of a setting whose value is the path of the file that contains the real value.</summary>
    public const string Suffix = "_FILE";

    private const int MaxBytes = 64 * 1024;

    /// <summary>Reads the files that settings with the suffix point to, and adds their contents as settings.</summary>
    /// <exception cref="StartupException">
    /// A file cannot be read or is longer than 64 KiB, or a setting is set both directly and by a file.
    /// </exception>
    public static void AddSecretFiles(this IConfigurationManager configuration)
    {
        var files =
            from setting in configuration.AsEnumerable()
            where
                setting.Key.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase)
                && setting.Key.Contains(ConfigurationPath.KeyDelimiter)
                && !string.IsNullOrEmpty(setting.Value)
            select (Name: setting.Key[..^Suffix.Length], setting.Key, File: setting.Value);
        configuration.AddInMemoryCollection([
            .. files.Select(file => KeyValuePair.Create(file.Name, (string?)Read(configuration, file.Name, file.Key, file.File))),
        ]);
    }

    private static string Read(IConfiguration configuration, string name, string key, string file)
    {
        if (!string.IsNullOrEmpty(configuration[name]))
            throw new StartupException($"{name} and {key} are both set: remove one of them");
        try
        {
            return new FileInfo(file).Length <= MaxBytes
                ? File.ReadAllText(file).Trim()
                : throw new StartupException(
                    $"{key} points to {file}, which is longer than {MaxBytes / 1024} KiB: use a file that contains only the value"
                );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new StartupException($"{key} points to a file that cannot be read: {e.Message}", e);
        }
    }
}
