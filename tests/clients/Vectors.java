import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;

/** Signs what comes in, a call a line: dialect, secret, method, path, query, then name and value of each header, all in Base64. */
public final class Vectors {
    public static void main(String[] arguments) throws Exception {
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] parts = line.split(" ", -1);
            for (int at = 0; at < parts.length; at++) {
                parts[at] = new String(Base64.getDecoder().decode(parts[at]), StandardCharsets.ISO_8859_1);
            }
            var headers = new LinkedHashMap<String, String>();
            for (int at = 5; at < parts.length; at += 2) {
                headers.put(parts[at], parts[at + 1]);
            }
            var call = new Signing.Call(parts[2], parts[3], parts[4], headers);
            byte[] text = Signing.textToSign(parts[0], call).getBytes(StandardCharsets.ISO_8859_1);
            System.out.println(Base64.getEncoder().encodeToString(text) + " " + Signing.sign(parts[0], call, parts[1]));
        }
    }
}
