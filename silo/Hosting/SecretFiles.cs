namespace DeployCard.Silo.Hosting;

/// <summary>
/// Settings from files, as container platforms mount secrets: <c>Cluster__Secret_FILE=/run/secrets/deploycard</c> makes the text of that file,
/// without the white space around it, the setting <c>Cluster:Secret</c>. Any setting may come so.
/// </summary>
internal static class SecretFiles
{
    private const string Suffix = "_FILE";
    private const int MostBytes = 64 * 1024;

    /// <summary>Adds the settings that files hold, behind the sources that name these.</summary>
    /// <exception cref="StartupException">A file cannot be read, or the setting is given by itself too.</exception>
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
            throw new StartupException($"{name} and {key} are both given: leave one of them out");
        try
        {
            return new FileInfo(file).Length <= MostBytes
                ? File.ReadAllText(file).Trim()
                : throw new StartupException(
                    $"{key} names {file}, which is longer than {MostBytes / 1024} KiB: name the file that holds nothing but the value"
                );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new StartupException($"{key} names a file that cannot be read: {e.Message}", e);
        }
    }
}
